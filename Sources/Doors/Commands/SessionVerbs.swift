import APIContract
import ArgumentParser
import Primitives

struct SessionVerbs: VerbGroup {
    static let configuration = CommandConfiguration(
        commandName: "session", abstract: "See and end sessions.", subcommands: [List.self, Show.self, End.self])

    @OptionGroup var global: GlobalOptions

    var path: String { "cpsctl session" }

    struct List: Verb {
        static let configuration = CommandConfiguration(abstract: "List the live sessions.")

        @OptionGroup var global: GlobalOptions

        func run(_ tool: Tool) throws(Problem) -> ExitStatus {
            let answer = try tool.get("sessions")
            try tool.output.show(answer) {
                let sessions = answer["sessions"]?.array ?? []
                guard !sessions.isEmpty else { return [Sentence.noSession.in(tool.output.language)] }
                return Table.lines(
                    sessions.map {
                        [$0.text("id"), $0.text("state"), $0.text("mode"), $0["holder"]?.holderText ?? "-", $0.text("expires_at")]
                    })
            }
            return .done
        }
    }

    struct Show: Verb {
        static let configuration = CommandConfiguration(abstract: "Show a session.")

        @OptionGroup var global: GlobalOptions

        @Argument(help: "Id of the session.")
        var id: ResourceID

        func run(_ tool: Tool) throws(Problem) -> ExitStatus {
            let session = try tool.get("sessions", id.text)
            try tool.output.show(session) { session.sessionLines(tool.output.language) }
            return .done
        }
    }

    struct End: Verb {
        static let configuration = CommandConfiguration(abstract: "End a session.")

        @OptionGroup var global: GlobalOptions

        @Argument(help: "Id of the session.")
        var id: ResourceID

        func run(_ tool: Tool) throws(Problem) -> ExitStatus {
            try tool.end(id.text)
            return .done
        }
    }
}
