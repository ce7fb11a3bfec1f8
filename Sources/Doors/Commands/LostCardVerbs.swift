import APIContract
import AgentClient
import ArgumentParser
import Primitives

struct LostCardVerbs: VerbGroup {
    static let configuration = CommandConfiguration(
        commandName: "lost-card",
        abstract: Help.text(
            "Cards that were lost or stolen, and are refused here.", "Les cartes perdues ou volées, refusées ici."),
        discussion: Help.text(
            """
            It does not take the place of telling the authority that issued the card: here it holds at once, elsewhere from its next list on.

              cpsctl degraded lost-card report --cause lost --card 8025    by a référent
              cpsctl degraded lost-card list    who reported which
              cpsctl degraded lost-card lift 8025    it was found again
            """,
            """
            Cela ne remplace pas la déclaration à l'organisme qui a émis la carte : ici l'effet est immédiat, ailleurs à sa prochaine liste.

              cpsctl degraded lost-card report --cause lost --card 8025    par un référent
              cpsctl degraded lost-card list    lesquelles, et qui l'a dit
              cpsctl degraded lost-card lift 8025    elle est retrouvée
            """),
        subcommands: [LostCardReportVerb.self, LostCardListVerb.self, LostCardLiftVerb.self])

    @OptionGroup var global: GlobalOptions

    var path: String { "cpsctl degraded lost-card" }
}

struct LostCardReportVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: Help.text(
            "Have a card refused here from now on, and end what it opened.",
            "Faire refuser une carte ici dès maintenant, et finir ce qu'elle a ouvert."),
        discussion: Help.text(
            """
            By its holder, in a session without the card: their own. By a référent, in a session with theirs: any, by its number.

              cpsctl degraded lost-card report --cause lost    one's own card
            """,
            """
            Par son porteur, dans une session sans la carte : la sienne. Par un référent, dans une session par la sienne : toute carte, par \
            son numéro.

              cpsctl degraded lost-card report --cause lost    sa propre carte
            """))

    @OptionGroup var global: GlobalOptions

    @Option(help: Help.argument("Whether it was lost or stolen.", "Perdue (lost) ou volée (stolen)."))
    var cause: Cause

    @Option(help: Help.argument("Number of the card; needed by a référent.", "Numéro de la carte ; nécessaire à un référent."))
    var card: ResourceID?

    @OptionGroup var own: OwnSession

    enum Cause: String, CaseIterable, ExpressibleByArgument {
        case lost, stolen
    }

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        let body = JSON.members([
            "session": .string(try tool.session(own.session)), "cause": .string(cause.rawValue), "serial": card.map { .string($0.text) },
        ])
        let answer = try tool.client.send(AgentRequest(.post, ["degraded", "lost-cards"], body: .json(body))).json()
        try tool.output.show(answer) { [DegradedSentence.cardRefused(answer.text("serial")).in(tool.output.language)] }
        return .done
    }
}

struct LostCardListVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: Help.text("List the cards that are refused, for a référent.", "Lister les cartes refusées, pour un référent."))

    @OptionGroup var global: GlobalOptions

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        let answer = try tool.get("degraded", "lost-cards")
        try tool.output.show(answer) {
            let cards = answer["lost_cards"]?.array ?? []
            guard !cards.isEmpty else { return [DegradedSentence.noLostCard.in(tool.output.language)] }
            let language = tool.output.language
            return Table.lines(
                cards.map {
                    [
                        $0.text("serial"), $0.words("cause", language, CardSentence.lossCause), $0.text("name"), $0.text("reported_by"),
                        $0.text("reported_at"),
                    ]
                })
        }
        return .done
    }
}

struct LostCardLiftVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "lift",
        abstract: Help.text(
            "Let a card be used again, as a référent with one's own card there.",
            "Rendre une carte utilisable, en référent, sa propre carte présente."))

    @OptionGroup var global: GlobalOptions

    @Argument(help: Help.argument("Number of the card.", "Numéro de la carte."))
    var card: ResourceID

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        _ = try tool.client.send(AgentRequest(.delete, ["degraded", "lost-cards", card.text]))
        try tool.output.show(["serial": .string(card.text)]) { [DegradedSentence.cardLifted(card.text).in(tool.output.language)] }
        return .done
    }
}
