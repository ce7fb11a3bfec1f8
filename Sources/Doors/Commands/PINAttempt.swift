import APIContract
import AgentClient
import Primitives

/// What a PIN completes besides a login: begun, given its PIN, and given up where that fails.
struct PINAttempt {
    let tool: Tool
    let route: [String]
    let entry: PINEntryOptions
    let givenUp: Text

    /// The one to go on with: a consent names the one whose answer held it, before a dot, and that one may still be open.
    func begun(_ body: () throws(Problem) -> JSON) throws(Problem) -> (id: String, answer: JSON) {
        let answer: JSON
        if let earlier = earlier() {
            answer = earlier
        } else {
            answer = try tool.client.send(AgentRequest(.post, route, body: .json(try body()))).json()
        }
        guard let id = answer["id"]?.string else {
            throw tool.output.problem(.internalError, Text("la réponse n'a pas d'id", "the answer has no id"))
        }
        return (id, answer)
    }

    private func earlier() -> JSON? {
        guard let id = entry.consent.acceptLastTry?.text.consentedAttempt,
            let earlier = try? tool.client.send(AgentRequest(.get, route + [id])).json(), earlier["state"]?.string == "awaiting_pin"
        else { return nil }
        return earlier
    }

    /// What became of it.
    func complete(_ attempt: (id: String, answer: JSON)) throws(Problem) -> JSON {
        var codes = CodeDialogue(
            tool: tool, source: entry.pinStdin ? .standardInput : .terminal, consent: entry.consent.acceptLastTry?.text, givenUp: givenUp)
        codes.introduce(attempt.answer, tries: attempt.answer.text("tries_left"))
        do throws(Problem) {
            return try codes.give(
                LoginSentence.pinPrompt, offered: attempt.answer["last_try_consent"]?.string, to: route + [attempt.id, "pin"])
        } catch {
            if codes.isTalking || error.json["last_try_consent"] == nil { tool.giveUp(route + [attempt.id]) }
            codes.stopIfInterrupted()
            throw error
        }
    }
}
