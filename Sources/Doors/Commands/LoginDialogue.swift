import APIContract
import AgentClient
import Primitives

/// From a login that was begun to a session: who is at the card is shown, and the PIN read and sent.
struct LoginDialogue {
    private let login: JSON
    private var codes: CodeDialogue

    init(tool: Tool, readsPIN: CodeDialogue.Source, login: JSON, consent: String?) {
        self.login = login
        codes = CodeDialogue(tool: tool, source: readsPIN, consent: consent, givenUp: LoginSentence.givenUp)
    }

    var isTalking: Bool { codes.isTalking }

    /// What the agent answered to the right PIN. In every other case the login is over when this throws, unless the problem holds a
    /// `last_try_consent`: it then waits for it, for the rest of its minute.
    mutating func run() throws(Problem) -> JSON {
        let tool = codes.tool
        guard let id = login["id"]?.string else {
            throw tool.output.problem(.internalError, Text("la connexion n'a pas d'id", "the login has no id"))
        }
        codes.introduce(login, tries: login.text("tries_left"))
        if !tool.output.isJSON, let end = login["certificate_ends_soon"]?.string { tool.output.tell(LoginSentence.endsSoon(end)) }
        do throws(Problem) {
            return try entered(["logins", id])
        } catch {
            if codes.isTalking || error.json["last_try_consent"] == nil { tool.giveUp(["logins", id]) }
            codes.stopIfInterrupted()
            throw error
        }
    }

    /// On the reader where it has a keypad; on the terminal where it has none, or none that the agent can use.
    private mutating func entered(_ path: [String]) throws(Problem) -> JSON {
        var offered = login["last_try_consent"]?.string
        if codes.source == .terminal, login["keypad"]?.bool == true {
            do throws(Problem) {
                return try codes.giveByKeypad(LoginSentence.keypadPrompt, offered: offered, to: path + ["keypad"])
            } catch {
                guard ErrorCode(rawValue: error.code) == .keypadUnavailable else { throw error }
                offered = error.json["last_try_consent"]?.string
            }
        }
        return try codes.give(LoginSentence.pinPrompt, offered: offered, to: path + ["pin"])
    }
}

extension Tool {
    /// Cancels what waits for a code. What cannot be cancelled is over already, or ends by itself within its minute.
    func giveUp(_ path: [String]) { _ = try? client.send(AgentRequest(.delete, path)) }
}
