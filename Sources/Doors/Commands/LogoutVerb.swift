import APIContract
import ArgumentParser

struct LogoutVerb: Verb {
    static let configuration = CommandConfiguration(commandName: "logout", abstract: "End a session.")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "Id of the session; else the only one.")
    var id: ResourceID?

    func run(_ tool: Tool) throws(Problem) -> ExitStatus {
        try tool.end(try tool.session(id))
        return .done
    }
}
