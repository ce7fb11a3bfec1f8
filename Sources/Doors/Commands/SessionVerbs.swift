import APIContract
import AgentClient
import ArgumentParser
import Primitives

struct SessionVerbs: VerbGroup {
    static let configuration = CommandConfiguration(
        commandName: "session",
        abstract: Help.text(
            "See, lock, unlock and end sessions, and choose their situation.",
            "Voir, verrouiller, déverrouiller et terminer des sessions, et choisir leur situation."),
        subcommands: [List.self, Show.self, SessionProfileVerb.self, Lock.self, Unlock.self, SessionExtendVerb.self, End.self])

    @OptionGroup var global: GlobalOptions

    var path: String { "cpsctl session" }

    struct List: Verb {
        static let configuration = CommandConfiguration(abstract: Help.text("List the live sessions.", "Lister les sessions en cours."))

        @OptionGroup var global: GlobalOptions

        func run(_ tool: Tool) throws(Problem) -> ExitStatus {
            let answer = try tool.get("sessions")
            try tool.output.show(answer) {
                let sessions = answer["sessions"]?.array ?? []
                guard !sessions.isEmpty else { return [Sentence.noSession.in(tool.output.language)] }
                let language = tool.output.language
                return Table.lines(
                    sessions.map {
                        [
                            $0.text("id"), $0.words("state", language, SessionSentence.state),
                            $0.words("mode", language, SessionSentence.mode), $0["holder"]?.holderText ?? "-", $0.text("expires_at"),
                        ]
                    })
            }
            return .done
        }
    }

    struct Show: Verb {
        static let configuration = CommandConfiguration(abstract: Help.text("Show a session.", "Montrer une session."))

        @OptionGroup var global: GlobalOptions

        @Argument(help: Help.argument("Id of the session.", "Identifiant de la session."))
        var id: ResourceID

        func run(_ tool: Tool) throws(Problem) -> ExitStatus {
            let session = try tool.get("sessions", id.text)
            try tool.output.show(session) { session.sessionLines(tool.output.language) }
            return .done
        }
    }

    struct Lock: Verb {
        static let configuration = CommandConfiguration(
            abstract: Help.text(
                "Lock a session: its tokens are inactive until it is unlocked with the PIN.",
                "Verrouiller une session : ses jetons sont inactifs jusqu'au déverrouillage par le code."))

        @OptionGroup var global: GlobalOptions

        @Argument(help: Help.argument("Id of the session; else the only one.", "Identifiant de la session ; sinon la seule qu'il y a."))
        var id: ResourceID?

        func run(_ tool: Tool) throws(Problem) -> ExitStatus {
            let session = try tool.client.send(AgentRequest(.post, ["sessions", try tool.session(id), "lock"])).json()
            try tool.output.show(session) { session.sessionLines(tool.output.language) }
            return .done
        }
    }

    struct Unlock: Verb {
        static let configuration = CommandConfiguration(
            abstract: Help.text("Unlock a session with the PIN of its card.", "Déverrouiller une session avec le code de sa carte."),
            discussion: Help.text(
                "The PIN is asked on the terminal; with --pin-stdin it is one line of standard input.",
                "Le code est demandé au terminal ; avec --pin-stdin c'est une ligne de l'entrée standard."))

        @OptionGroup var global: GlobalOptions

        @Argument(help: Help.argument("Id of the session; else the only one.", "Identifiant de la session ; sinon la seule qu'il y a."))
        var id: ResourceID?

        @OptionGroup var entry: PINEntryOptions

        func run(_ tool: Tool) throws(Problem) -> ExitStatus {
            let id = try tool.session(id)
            let locked = try tool.get("sessions", id)
            guard locked["state"]?.string == "locked" else {
                throw tool.output.problem(locked["state"]?.string == "ended" ? .sessionEnded : .sessionNotLocked)
            }
            var dialogue = CodeDialogue(
                tool: tool, source: entry.pinStdin ? .standardInput : .terminal, consent: entry.consent.acceptLastTry?.text,
                givenUp: LoginSentence.unlockingGivenUp)
            if !tool.output.isJSON {
                let card = try tool.get("readers", locked.text("reader"), "card")
                dialogue.introduce(locked, tries: card.text("tries_left"))
            }
            let session: JSON
            do throws(Problem) {
                session = try dialogue.give(LoginSentence.pinPrompt, offered: nil, to: ["sessions", id, "unlock"])
            } catch {
                dialogue.stopIfInterrupted()
                throw error
            }
            try tool.output.show(session) { session.sessionLines(tool.output.language) }
            return .done
        }
    }

    struct End: Verb {
        static let configuration = CommandConfiguration(abstract: Help.text("End a session.", "Terminer une session."))

        @OptionGroup var global: GlobalOptions

        @Argument(help: Help.argument("Id of the session.", "Identifiant de la session."))
        var id: ResourceID

        func run(_ tool: Tool) throws(Problem) -> ExitStatus {
            try tool.end(id.text)
            return .done
        }
    }
}
