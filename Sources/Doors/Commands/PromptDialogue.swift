import APIContract
import AgentClient
import Foundation
import Glibc
import Primitives

/// A login whose PIN is asked for by pinentry: for programs with windows, which have no terminal to ask on.
struct PromptDialogue {
    let tool: Tool
    let program: String
    /// Who wants the login, as the person is told.
    let requester: String
    /// Begins a login; one for each time that the person is asked, so that they have the whole of its minute.
    let begin: () throws(Problem) -> JSON

    /// What the agent answered to the right PIN. In every other case no login is left open.
    func run() throws(Problem) -> JSON {
        var last: Problem?
        while true {
            let login = try begin()
            guard let id = login["id"]?.string else {
                throw tool.output.problem(.internalError, Text("la connexion n'a pas d'id", "the login has no id"))
            }
            do throws(Problem) {
                return try entered(login, ["logins", id], last)
            } catch {
                tool.giveUp(["logins", id])
                switch ErrorCode(rawValue: error.code) {
                case .pinWrong, .pinFormat, .pinTriesChanged, .keypadMismatch: last = error
                default: throw error
                }
            }
        }
    }

    private func entered(_ login: JSON, _ path: [String], _ last: Problem?) throws(Problem) -> JSON {
        var query: [(String, String)] = []
        let pin: Secret
        do throws(AssuanLink.Failure) {
            var pinentry = try Pinentry(program, environment: tool.environment)
            if let consent = login["last_try_consent"]?.string {
                guard try pinentry.confirm(text(PromptSentence.lastTry(facts(login)))) else { throw .refused(code: 99, text: "") }
                query = [("accept_last_try", consent)]
            }
            if login["keypad"]?.bool == true {
                guard try pinentry.confirm(text(PromptSentence.keypad(facts(login)))) else { throw .refused(code: 99, text: "") }
                pin = Secret(count: 0) { _ in }
            } else {
                let problem = last?.json["title"]?.string
                switch try pinentry.ask(
                    text(PromptSentence.wanted(facts(login))), prompt: text(LoginSentence.pinPrompt), problem: problem)
                {
                case .pin(let given): pin = given
                case .cancelled: throw .refused(code: 99, text: "")
                }
            }
        } catch {
            throw problem(error)
        }
        if login["keypad"]?.bool == true {
            return try tool.client.send(
                AgentRequest(.post, path + ["keypad"], query: query, patience: CodeDialogue.keypadPatience)
            ).json()
        }
        return try tool.client.send(AgentRequest(.put, path + ["pin"], query: query), secret: pin).json()
    }

    private func text(_ text: Text) -> String { text.in(tool.output.language).printable }

    private func facts(_ login: JSON) -> PromptSentence.Facts {
        let test = login["test"]?.bool == true ? " – \(Sentence.testCard.in(tool.output.language))" : ""
        return PromptSentence.Facts(
            requester: requester, holder: (login["holder"]?.holderText ?? "-") + test, reader: login.text("reader"),
            tries: login.words("tries_left", tool.output.language, CardSentence.left))
    }

    private func problem(_ failure: AssuanLink.Failure) -> Problem {
        let reason: Text
        switch failure {
        case .refused(code: 99, _):
            return tool.output.problem(.loginState, ProblemSentence.gaveUp)
                .saying(LoginSentence.givenUp.in(tool.output.language), LoginSentence.givenUpRemedy.in(tool.output.language))
        case .absent(let why): reason = Text("n'a pu être lancé : \(why.french)", "cannot be started: \(why.english)")
        case .broken: reason = Text("a fini sans réponse", "ended without an answer")
        case .late: reason = Text("ne répond pas", "does not answer")
        case .malformed: reason = Text("ne parle pas le protocole Assuan", "does not speak the Assuan protocol")
        case .refused(let code, let text): reason = Text("a refusé : \(text) (\(code))", "refused: \(text) (\(code))")
        }
        return tool.output.problem(
            .invalidRequest,
            Text("\(program) \(reason.french) ; --pinentry en nomme un autre", "\(program) \(reason.english); --pinentry names another"))
    }

    /// The name of the program that runs us.
    static var parent: String {
        guard let bytes = try? PlainFile.contents("/proc/\(getppid())/comm", limit: 64) else { return "?" }
        return String(decoding: bytes, as: UTF8.self).filter { $0 != "\n" }
    }
}

/// What the window of pinentry says.
enum PromptSentence {
    struct Facts {
        let requester: String
        let holder: String
        let reader: String
        let tries: String
    }

    static func wanted(_ facts: Facts) -> Text {
        Text(
            """
            \(facts.requester) demande une connexion avec la carte CPS.
            Titulaire : \(facts.holder)
            Lecteur : \(facts.reader)
            Essais restants : \(facts.tries)
            """,
            """
            \(facts.requester) asks for a login with the CPS card.
            Holder: \(facts.holder)
            Reader: \(facts.reader)
            Tries left: \(facts.tries)
            """)
    }

    static func lastTry(_ facts: Facts) -> Text {
        Text(
            """
            Dernier essai : un code faux bloquera la carte.
            \(facts.requester) demande une connexion.
            Titulaire : \(facts.holder)
            Lecteur : \(facts.reader)
            Continuer ?
            """,
            """
            Last try: a wrong PIN will block the card.
            \(facts.requester) asks for a login.
            Holder: \(facts.holder)
            Reader: \(facts.reader)
            Go on?
            """)
    }

    static func keypad(_ facts: Facts) -> Text {
        Text(
            """
            \(facts.requester) demande une connexion avec la carte CPS.
            Titulaire : \(facts.holder)
            Essais restants : \(facts.tries)
            Après OK, saisir le code porteur sur le lecteur \(facts.reader).
            """,
            """
            \(facts.requester) asks for a login with the CPS card.
            Holder: \(facts.holder)
            Tries left: \(facts.tries)
            After OK, enter the PIN on the reader \(facts.reader).
            """)
    }
}
