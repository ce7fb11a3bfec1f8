import APIContract
import ArgumentParser

struct LogoutVerb: Verb {
    static let configuration = CommandConfiguration(commandName: "logout", abstract: Help.text("End a session.", "Terminer une session."))

    @OptionGroup var global: GlobalOptions

    @Argument(help: Help.argument("Id of the session; else the only one.", "Identifiant de la session ; sinon la seule qu'il y a."))
    var id: ResourceID?

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        try tool.end(try tool.session(id))
        return .done
    }
}
