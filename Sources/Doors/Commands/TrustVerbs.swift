import APIContract
import AgentClient
import ArgumentParser
import Primitives

struct TrustVerbs: VerbGroup {
    static let configuration = CommandConfiguration(
        commandName: "trust",
        abstract: Help.text("The authorities and their revocation lists.", "Les autorités et leurs listes de révocation."),
        subcommands: [TrustListVerb.self, TrustInstallVerb.self, TrustUpdateVerb.self, TrustCheckVerb.self])

    @OptionGroup var global: GlobalOptions

    var path: String { "cpsctl trust" }
}

struct TrustListVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: Help.text(
            "Show the authorities, how long they are valid, and how old their revocation lists are.",
            "Montrer les autorités, leur validité, et l'âge de leurs listes de révocation."))

    @OptionGroup var global: GlobalOptions

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        let trust = try tool.get("trust")
        try tool.output.show(trust) {
            (trust["authorities"]?.array ?? []).flatMap { authority in
                let list = authority["list"]?["this_update"]?.string
                let text = Sentence.authority(
                    authority["name"]?.string ?? "", until: authority["not_after"]?.string ?? "", list: list)
                let warnings = (authority["warnings"]?.array ?? []).map { code in
                    let language = tool.output.language
                    return Sentence.warning(TrustSentence.warning(code.plain).in(language)).in(language)
                }
                return [text.in(tool.output.language)] + warnings
            }
        }
        return .done
    }
}

struct TrustUpdateVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "update",
        abstract: Help.text("Take in new revocation lists now.", "Prendre en compte les nouvelles listes de révocation maintenant."),
        discussion: Help.text(
            """
            New lists of the folder (trust.crls) are taken in, and those that may be fetched (trust.revocation.fetch) are. Exit code 8 \
            when a list was refused or could not be fetched; the one before stays in force.
            """,
            """
            Les nouvelles listes du dossier (trust.crls) sont prises en compte, et celles qui peuvent être téléchargées \
            (trust.revocation.fetch) le sont. Code de sortie 8 quand une liste est refusée ou n'a pas pu être téléchargée ; la précédente \
            reste en vigueur.
            """))

    @OptionGroup var global: GlobalOptions

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        let update = try tool.client.send(AgentRequest(.post, ["trust", "updates"], patience: Self.patience)).json()
        let lists = update["lists"]?.array ?? []
        try tool.output.show(update) {
            lists.isEmpty
                ? [Sentence.noNewList.in(tool.output.language)]
                : lists.map { Self.line($0).in(tool.output.language) }
        }
        return lists.allSatisfy { $0["accepted"]?.bool == true } ? .done : .other
    }

    /// Servers may be slow, and there may be several.
    static let patience = Duration.seconds(300)

    private static func line(_ list: JSON) -> Text {
        let file = list["file"]?.string ?? ""
        guard list["accepted"]?.bool == true else { return Sentence.listRefused(file, list["detail"]?.string ?? "") }
        if let reason = list["not_kept"]?.string { return Sentence.listNotKept(file, reason) }
        return list["unchanged"]?.bool == true ? Sentence.listUnchanged(file) : Sentence.listLoaded(file)
    }
}
