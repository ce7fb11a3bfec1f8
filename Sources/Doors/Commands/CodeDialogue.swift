import APIContract
import AgentClient
import Primitives

/// Codes on their way from a person, or from standard input, to the agent: each is sent once each time that it was given.
struct CodeDialogue {
    enum Source: Equatable {
        case terminal, standardInput
    }

    /// What is asked for: a code of a card, or a password.
    enum Kind {
        case code, password

        fileprivate var missing: Text {
            switch self {
            case .code: Text("l'entrée standard ne contient pas de code", "standard input holds no PIN")
            case .password: Text("l'entrée standard ne contient pas de mot de passe", "standard input holds no password")
            }
        }

        fileprivate var noTerminal: Text {
            let option = self == .code ? "--pin-stdin" : "--password-stdin"
            return Text("pas de terminal où demander : voir \(option)", "there is no terminal to ask on: use \(option)")
        }
    }

    let tool: Tool
    let source: Source
    private let kind: Kind
    /// Consent to spend the last try.
    private(set) var consent: String?
    /// What is asked before the last try is spent.
    private let consentPrompt: Text
    /// What a person is told who gives up.
    private let givenUp: Text
    /// The signal that ended a question.
    private var interruption: Int32?

    init(tool: Tool, source: Source, consent: String?, givenUp: Text, consentPrompt: Text = LoginSentence.consentPrompt, kind: Kind = .code)
    {
        self.kind = kind
        self.tool = tool
        self.source = source
        self.consent = consent
        self.givenUp = givenUp
        self.consentPrompt = consentPrompt
    }

    /// Longest code, in bytes.
    private static let longestCode = 1024

    /// Whether a person sits there who can answer questions and try again.
    var isTalking: Bool { source == .terminal && !tool.output.isJSON }

    /// Tells whose card it is, where, and how many tries are left.
    func introduce(_ resource: JSON, tries: String) {
        guard !tool.output.isJSON else { return }
        let test = resource["test"]?.bool == true ? " – \(Sentence.testCard.in(tool.output.language))" : ""
        tool.output.tell(
            LoginSentence.found((resource["holder"]?.holderText ?? "-") + test, resource.text("reader"), CardSentence.left(tries)))
    }

    /// Gives a code that tries are counted of, until the agent takes it or a person cannot, or will not, give another.
    ///
    /// - Parameters:
    ///   - first: the code, when it was read before.
    ///   - offered: the consent that the last answer holds.
    /// - Returns: what the agent answered to the right code.
    mutating func give(
        _ prompt: Text, first: consuming Secret? = nil, offered: String?, to path: [String]
    ) throws(Problem) -> JSON {
        var (offered, last): (String?, Problem?) = (offered, nil)
        var held = first
        while true {
            try agree(to: offered, last)
            let code: Secret
            if let given = held.take() { code = given } else { code = try read(prompt, last) }
            do throws(Problem) {
                return try tool.client.send(AgentRequest(.put, path, query: consentQuery), secret: code).json()
            } catch {
                (offered, last) = (try again(after: error), error)
            }
        }
    }

    /// The same with the code entered on the reader; the person gives up there.
    mutating func giveByKeypad(_ prompt: Text, offered: String?, to path: [String]) throws(Problem) -> JSON {
        var (offered, last): (String?, Problem?) = (offered, nil)
        while true {
            try agree(to: offered, last)
            if !tool.output.isJSON { tool.output.tell(prompt) }
            do throws(Problem) {
                return try tool.client.send(AgentRequest(.post, path, query: consentQuery, patience: Self.keypadPatience)).json()
            } catch {
                (offered, last) = (try again(after: error), error)
            }
        }
    }

    /// More than the agent waits for the reader.
    static let keypadPatience = Duration.seconds(90)

    private var consentQuery: [(String, String)] { consent.map { [("accept_last_try", $0)] } ?? [] }

    /// Asks the person, where there is one, before the last try is spent.
    private mutating func agree(to offered: String?, _ last: Problem?) throws(Problem) {
        guard isTalking, let offered, consent != offered else { return }
        try askConsent(last)
        consent = offered
    }

    /// - Returns: the consent that the problem offers, when a person may give the code again; else the problem is thrown.
    private func again(after problem: Problem) throws(Problem) -> String? {
        guard isTalking, Self.mayTryAgain(problem) else { throw problem }
        tool.output.explain(problem)
        return problem.json["last_try_consent"]?.string
    }

    /// The agent waits for another code, and a person may give one.
    private static func mayTryAgain(_ problem: Problem) -> Bool {
        switch ErrorCode(rawValue: problem.code) {
        case .pinWrong, .pinFormat, .pinTriesChanged, .lastTryConsentRequired, .pukWrong, .pukFormat, .keypadMismatch,
            .credentialsRefused, .passwordFormat:
            true
        default: false
        }
    }

    /// A code as the person types it, or the next line of standard input.
    mutating func read(_ prompt: Text, _ last: Problem? = nil) throws(Problem) -> Secret {
        if source == .terminal { return try ask(prompt, echo: false, last) }
        let line: Secret?
        do throws(ConsoleFailure) {
            line = try tool.console.secretLine(limit: Self.longestCode)
        } catch {
            throw tool.output.problem(.invalidRequest, error.reason.of(.standardInput))
        }
        guard let line else {
            throw tool.output.problem(.invalidRequest, kind.missing)
        }
        return line
    }

    /// A new code: one line of standard input, or typed twice alike on the terminal.
    mutating func readTwice(_ prompt: Text, _ again: Text) throws(Problem) -> Secret {
        while true {
            let first = try read(prompt)
            guard source == .terminal else { return first }
            let second = try read(again)
            let isSame = first.withBytes { first in second.withBytes { second in first.elementsEqual(second) } }
            if isSame { return first }
            tool.console.err(PINSentence.differ.in(tool.output.language) + "\n")
        }
    }

    /// Ends the program as the signal would have that ended a question.
    func stopIfInterrupted() {
        if let interruption { tool.console.stop(by: interruption) }
    }

    private mutating func askConsent(_ last: Problem?) throws(Problem) {
        let line = try ask(consentPrompt, echo: true, last)
        let word = LoginSentence.consentWord.in(tool.output.language)
        let isConsent = line.withBytes { String(decoding: $0, as: UTF8.self).uppercased() == word }
        guard isConsent else { throw givenUp(last) }
    }

    private mutating func ask(_ prompt: Text, echo: Bool, _ last: Problem?) throws(Problem) -> Secret {
        let reply: Reply
        do throws(ConsoleFailure) {
            reply = try tool.console.ask(prompt.in(tool.output.language), echo: echo, limit: Self.longestCode)
        } catch {
            throw tool.output.problem(.invalidRequest, error.reason.of(.terminal))
        }
        switch consume reply {
        case .line(let line): return line
        case .noTerminal:
            throw tool.output.problem(.invalidRequest, kind.noTerminal)
        case .end: throw givenUp(last)
        case .interrupted(let signal):
            interruption = signal
            throw givenUp(last)
        }
    }

    /// What made the person give up, where there is something; else that they did.
    private func givenUp(_ last: Problem?) -> Problem {
        if let last { return last }
        let (base, language) = (tool.output.problem(.loginState, ProblemSentence.gaveUp), tool.output.language)
        return base.saying(givenUp.in(language), LoginSentence.givenUpRemedy.in(language))
    }
}
