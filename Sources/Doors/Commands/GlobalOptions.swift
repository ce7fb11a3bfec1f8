import ArgumentParser
import Primitives

/// The options that every verb takes, before or after its name.
struct GlobalOptions: ParsableArguments {
    @Option(
        help: Help.argument(
            "Path of the agent's socket; else CPS_AGENT_SOCKET, else /run/cps-agent/agent.sock.",
            "Chemin du socket de l'agent ; sinon CPS_AGENT_SOCKET, sinon /run/cps-agent/agent.sock."))
    var socket: String?

    @Flag(
        help: Help.argument(
            "Exactly one JSON document on standard output, errors too.",
            "Exactement un document JSON en sortie standard, erreurs comprises."))
    var json = false

    @Option(
        help: Help.argument(
            "Language of texts for people: fr or en; else that of the locale.",
            "Langue des textes : fr ou en ; sinon celle de l'environnement."))
    var lang: LanguageOption?

    enum LanguageOption: String, CaseIterable, ExpressibleByArgument {
        case fr, en
    }

    /// As ``json``, for arguments that may not parse.
    static func wantsJSON(_ arguments: [String]) -> Bool { arguments.prefix { $0 != "--" }.contains("--json") }

    /// As ``lang``, for arguments that may not parse; else by the locale.
    static func language(_ arguments: [String], _ environment: [String: String]) -> Language {
        let own = arguments.prefix { $0 != "--" }
        let named = zip(own, own.dropFirst()).first { $0.0 == "--lang" }?.1
        let joined = own.first { $0.hasPrefix("--lang=") }.map { String($0.dropFirst(7)) }
        if let language = (named ?? joined).flatMap({ Language(rawValue: $0) }) { return language }
        return Language(environment: environment)
    }
}
