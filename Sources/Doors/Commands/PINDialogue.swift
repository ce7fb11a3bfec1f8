import APIContract
import AgentClient
import Primitives

/// From the codes that a person gives to a card with a new PIN. The code that tries are counted of is sent last, so that it alone is asked
/// for again when it was wrong.
struct PINDialogue {
    private let reader: String?
    private let route: String
    private let code: String
    private let prompt: Text
    private let consent: String?
    private var codes: CodeDialogue

    /// - Parameters:
    ///   - route: of the operation below `/v1`.
    ///   - code: the one that tries are counted of, as the API names it.
    init(tool: Tool, options: PINOptions, route: String, code: String, prompt: Text, consentPrompt: Text) {
        reader = options.reader?.text
        self.route = route
        self.code = code
        self.prompt = prompt
        consent = options.consent.acceptLastTry?.text
        codes = CodeDialogue(
            tool: tool, source: options.pinStdin ? .standardInput : .terminal, consent: consent, givenUp: PINSentence.givenUp,
            consentPrompt: consentPrompt)
    }

    /// The operation is over when this throws, unless the problem holds a `last_try_consent`: it then waits for it.
    mutating func run(_ done: Text) throws(Problem) -> ExitStatus {
        let tool = codes.tool
        let operation = try begun()
        guard let id = operation["id"]?.string else {
            throw tool.output.problem(.internalError, Text("l'opération n'a pas d'id", "the operation has no id"))
        }
        let counted = code == "puk" ? operation["puk"] : operation["pin"]
        codes.introduce(operation, tries: counted?.text("tries_left") ?? "-")
        do throws(Problem) {
            let first = try codes.read(prompt)
            let new = try codes.readTwice(PINSentence.newPrompt, PINSentence.againPrompt)
            _ = try tool.client.send(AgentRequest(.put, [route, id, "new"]), secret: new)
            let answer = try codes.give(prompt, first: first, offered: operation["last_try_consent"]?.string, to: [route, id, code])
            try tool.output.show(answer) { [done.in(tool.output.language)] }
            return .done
        } catch {
            if codes.isTalking || error.json["last_try_consent"] == nil { tool.giveUp([route, id]) }
            codes.stopIfInterrupted()
            throw error
        }
    }

    /// The operation to go on with: a consent names, before a dot, the one whose answer held it.
    private func begun() throws(Problem) -> JSON {
        let client = codes.tool.client
        if let id = consent?.consentedAttempt {
            let earlier = try? client.send(AgentRequest(.get, [route, id])).json()
            if let earlier, earlier["state"]?.string == "awaiting_pin" { return earlier }
        }
        let body = JSON.members(["reader": reader.map { .string($0) }])
        return try client.send(AgentRequest(.post, [route], body: .json(body))).json()
    }
}
