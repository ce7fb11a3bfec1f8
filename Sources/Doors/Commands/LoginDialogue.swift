import APIContract
import AgentClient
import Primitives

/// From a login that was begun to a session: who is at the card is shown, the PIN read, and sent once each time a person gave it.
struct LoginDialogue {
    enum Source: Equatable {
        case terminal, standardInput
    }

    let tool: Tool
    let readsPIN: Source
    let login: JSON
    /// Consent to spend the last try.
    var consent: String?
    /// The signal that ended a question.
    private var interruption: Int32?

    init(tool: Tool, readsPIN: Source, login: JSON, consent: String?) {
        self.tool = tool
        self.readsPIN = readsPIN
        self.login = login
        self.consent = consent
    }

    /// Longest PIN, in bytes.
    private static let longestPIN = 1024

    /// Whether a person sits there who can answer questions and try again.
    private var isTalking: Bool { readsPIN == .terminal && !tool.output.isJSON }

    /// What the agent answered to the right PIN. In every other case the login is over when this throws, unless the problem holds a
    /// `last_try_consent`: it then waits for it, for the rest of its minute.
    mutating func run() throws(Problem) -> JSON {
        guard let id = login["id"]?.string else { throw tool.output.problem(.internalError, ["detail": "the login has no id"]) }
        introduce()
        do throws(Problem) {
            return try opened(id)
        } catch {
            if isTalking || error.json["last_try_consent"] == nil { cancel(id) }
            if let interruption { tool.console.stop(by: interruption) }
            throw error
        }
    }

    private mutating func opened(_ id: String) throws(Problem) -> JSON {
        var offered = login["last_try_consent"]?.string
        var last: Problem?
        while true {
            if isTalking, let value = offered, consent != value {
                try askConsent(last)
                consent = value
            }
            let pin = try readPIN(last)
            let query = consent.map { [("accept_last_try", $0)] } ?? []
            let request = AgentRequest(.put, ["logins", id, "pin"], query: query)
            do throws(Problem) {
                return try tool.client.send(request, secret: pin).json()
            } catch {
                guard isTalking, Self.mayTryAgain(error) else { throw error }
                tool.output.explain(error)
                (offered, last) = (error.json["last_try_consent"]?.string, error)
            }
        }
    }

    /// The login waits for another PIN, and a person may give one.
    private static func mayTryAgain(_ problem: Problem) -> Bool {
        switch ErrorCode(rawValue: problem.code) {
        case .pinWrong, .pinFormat, .pinTriesChanged, .lastTryConsentRequired: true
        default: false
        }
    }

    private func introduce() {
        guard !tool.output.isJSON else { return }
        let test = login["test"]?.bool == true ? " – \(Sentence.testCard.in(tool.output.language))" : ""
        tool.output.tell(
            LoginSentence.found((login["holder"]?.holderText ?? "-") + test, login.text("reader"), login.text("tries_left")))
    }

    private mutating func readPIN(_ last: Problem?) throws(Problem) -> Secret {
        if readsPIN == .terminal { return try ask(LoginSentence.pinPrompt, echo: false, last) }
        let line: Secret?
        do throws(ConsoleFailure) {
            line = try tool.console.secretLine(limit: Self.longestPIN)
        } catch {
            throw tool.output.problem(.invalidRequest, ["detail": .string("standard input: \(error.reason)")])
        }
        guard let line else { throw tool.output.problem(.invalidRequest, ["detail": "standard input holds no PIN"]) }
        return line
    }

    private mutating func askConsent(_ last: Problem?) throws(Problem) {
        let line = try ask(LoginSentence.consentPrompt, echo: true, last)
        let word = LoginSentence.consentWord.in(tool.output.language)
        let isConsent = line.withBytes { String(decoding: $0, as: UTF8.self).uppercased() == word }
        guard isConsent else { throw givenUp(last) }
    }

    private mutating func ask(_ prompt: Text, echo: Bool, _ last: Problem?) throws(Problem) -> Secret {
        let reply: Reply
        do throws(ConsoleFailure) {
            reply = try tool.console.ask(prompt.in(tool.output.language), echo: echo, limit: Self.longestPIN)
        } catch {
            throw tool.output.problem(.invalidRequest, ["detail": .string("terminal: \(error.reason)")])
        }
        switch consume reply {
        case .line(let line): return line
        case .noTerminal: throw tool.output.problem(.invalidRequest, ["detail": "there is no terminal to ask on: use --pin-stdin"])
        case .end: throw givenUp(last)
        case .interrupted(let signal):
            interruption = signal
            throw givenUp(last)
        }
    }

    /// What made the person give up, where there is something; else that they did.
    private func givenUp(_ last: Problem?) -> Problem {
        if let last { return last }
        let (base, language) = (tool.output.problem(.loginState, ["detail": "the person gave up"]), tool.output.language)
        return base.saying(LoginSentence.givenUp.in(language), LoginSentence.givenUpRemedy.in(language))
    }

    private func cancel(_ id: String) {
        // A login that cannot be cancelled is over already, or ends by itself within its minute.
        _ = try? tool.client.send(AgentRequest(.delete, ["logins", id]))
    }
}

extension Problem {
    /// The same problem with another title and remedy.
    func saying(_ title: String, _ remedy: String) -> Problem {
        guard case .object(var members) = json else { return self }
        members["title"] = .string(title)
        members["remedy"] = .string(remedy)
        return Problem(status: status, document: .object(members))
    }
}
