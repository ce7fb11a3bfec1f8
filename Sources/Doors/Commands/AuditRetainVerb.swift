import APIContract
import AgentClient
import ArgumentParser
import Primitives

struct AuditRetainVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "retain",
        abstract: Help.text(
            "Drop the bodies of traces older than a date, two persons together; their proofs stay.",
            "Effacer le contenu des traces d'avant une date, à deux personnes ; leurs preuves restent."),
        discussion: Help.text(
            """
            The first person asks in a session with their card, the second agrees in theirs, within ten minutes and while the first
            card is still in its reader. Both need the right audit:retain. What emergencies left that nobody has reviewed stays.
            Nothing can be dropped where audit.retention is not set.

            Examples:

              cpsctl audit retain --before 2016-01-01 --session ID    the first person asks
              cpsctl audit retain --agree REQUEST --session ID        the second one agrees, and it is done
            """,
            """
            La première personne demande dans une session ouverte par sa carte, la seconde confirme dans la sienne, dans les dix
            minutes et tant que la première carte est dans son lecteur. Les deux ont le droit audit:retain. Ce qu'ont laissé les
            urgences non revues reste. Rien ne peut être effacé si audit.retention n'est pas réglé.

            Exemples :

              cpsctl audit retain --before 2016-01-01 --session ID    la première personne demande
              cpsctl audit retain --agree DEMANDE --session ID        la seconde confirme, et c'est fait
            """))

    @OptionGroup var global: GlobalOptions

    @Option(
        help: Help.argument(
            "Drop what was written before: 2016-01-31, or 2016-01-31T08:00:00Z (UTC).",
            "Effacer ce qui est d'avant : 2016-01-31, ou 2016-01-31T08:00:00Z (UTC)."))
    var before: Moment?

    @Option(help: Help.argument("Agree to what another person asked for.", "Confirmer ce qu'une autre personne a demandé."))
    var agree: ResourceID?

    @Option(help: Help.argument("Id of one's session; else the only one.", "Identifiant de sa session ; sinon la seule."))
    var session: ResourceID?

    func validate() throws {
        guard (before == nil) != (agree == nil) else { throw ValidationError("one of --before and --agree is needed") }
    }

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        let own = JSON.string(try tool.session(session))
        if let agree {
            let request = AgentRequest(
                .put, ["audit", "retentions", agree.text, "agreement"], body: .json(["session": own]), patience: nil)
            let answer = try tool.client.send(request).json()
            try tool.output.show(answer) {
                [Sentence.retained(answer["dropped"]?.int ?? 0, answer["kept"]?.int ?? 0).in(tool.output.language)]
            }
        } else if let before {
            let body: JSON = ["before": .string(before.time.description), "session": own]
            let answer = try tool.client.send(AgentRequest(.post, ["audit", "retentions"], body: .json(body))).json()
            try tool.output.show(answer) {
                [Sentence.retentionAsked(answer.text("id"), answer.text("before"), answer.text("expires_at")).in(tool.output.language)]
            }
        }
        return .done
    }
}
