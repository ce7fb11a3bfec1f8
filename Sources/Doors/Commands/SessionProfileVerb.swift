import APIContract
import AgentClient
import ArgumentParser
import Primitives

struct SessionProfileVerb: Verb {
    static let configuration = CommandConfiguration(
        commandName: "profile",
        abstract: Help.text(
            "Choose the situation of practice of a session, or switch to another.",
            "Choisir la situation d'exercice d'une session, ou en changer."),
        discussion: Help.text(
            "After a switch the tokens of the situation before are inactive.",
            "Après un changement, les jetons de la situation précédente sont inactifs."))

    @OptionGroup var global: GlobalOptions

    @Argument(help: Help.argument("Id of the session.", "Identifiant de la session."))
    var id: ResourceID

    @Argument(
        help: Help.argument(
            "Id of the situation, as `session show` lists them.", "Identifiant de la situation, comme `session show` les liste."))
    var profile: ResourceID

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        let session = try tool.choose(profile.text, session: id.text)
        try tool.output.show(session) { session.sessionLines(tool.output.language) }
        return .done
    }
}

extension Tool {
    func choose(_ profile: String, session id: String) throws(Problem) -> JSON {
        try client.send(AgentRequest(.put, ["sessions", id, "profile"], body: .json(["profile": .string(profile)]))).json()
    }
}
