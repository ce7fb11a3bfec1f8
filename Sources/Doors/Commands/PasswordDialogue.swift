import APIContract
import AgentClient
import Primitives

/// From the passwords that a person gives to one that is set. A password that was refused is asked for again, where somebody is asked.
struct PasswordDialogue {
    private var codes: CodeDialogue

    init(tool: Tool, source: PasswordSource) {
        codes = CodeDialogue(
            tool: tool, source: source.passwordStdin ? .standardInput : .terminal, consent: nil, givenUp: AccountSentence.givenUp,
            kind: .password)
    }

    /// Sets the password of the person in this session.
    mutating func enrol(in session: String) throws(Problem) -> ExitStatus {
        let path = try begin(["degraded", "enrolments"], ["session": .string(session)])
        return try finish(path) { codes throws(Problem) in try Self.giveNew(&codes, to: path + ["password"]) }
    }

    /// Changes a password by the one in force.
    mutating func change(_ identifier: String) throws(Problem) -> ExitStatus {
        let path = try begin(["degraded", "password-changes"], ["identifier": .string(identifier)])
        return try finish(path) { codes throws(Problem) in
            let current = try codes.read(AccountSentence.currentPrompt)
            _ = try codes.tool.client.send(AgentRequest(.put, path + ["current-password"]), secret: current)
            do throws(Problem) {
                return try Self.giveNew(&codes, to: path + ["new-password"])
            } catch {
                guard codes.isTalking, ErrorCode(rawValue: error.code) == .credentialsRefused else { throw error }
                codes.tool.output.explain(error)
                return try Self.giveCurrentAgain(&codes, path, error)
            }
        }
    }

    private mutating func begin(_ route: [String], _ body: JSON) throws(Problem) -> [String] {
        let begun = try codes.tool.client.send(AgentRequest(.post, route, body: .json(body))).json()
        guard let id = begun["id"]?.string else {
            throw codes.tool.output.problem(.internalError, Text("la réponse n'a pas d'id", "the answer has no id"))
        }
        return route + [id]
    }

    /// What was begun is over when this throws.
    private mutating func finish(_ path: [String], _ give: (inout CodeDialogue) throws(Problem) -> JSON) throws(Problem) -> ExitStatus {
        let tool = codes.tool
        do throws(Problem) {
            let answer = try give(&codes)
            try tool.output.show(answer) { [AccountSentence.set.in(tool.output.language)] }
            return .done
        } catch {
            tool.giveUp(path)
            codes.stopIfInterrupted()
            throw error
        }
    }

    private static func giveNew(_ codes: inout CodeDialogue, to path: [String]) throws(Problem) -> JSON {
        while true {
            let new = try codes.readTwice(AccountSentence.newPrompt, AccountSentence.againPrompt)
            do throws(Problem) {
                return try codes.tool.client.send(AgentRequest(.put, path), secret: new).json()
            } catch {
                guard codes.isTalking, error.isAboutNewPassword else { throw error }
                codes.tool.output.explain(error)
            }
        }
    }

    /// The agent keeps the new password for the right one before it.
    private static func giveCurrentAgain(_ codes: inout CodeDialogue, _ path: [String], _ problem: Problem) throws(Problem) -> JSON {
        var last = problem
        while true {
            let current = try codes.read(AccountSentence.currentPrompt, last)
            do throws(Problem) {
                return try codes.tool.client.send(AgentRequest(.put, path + ["current-password"]), secret: current).json()
            } catch {
                guard ErrorCode(rawValue: error.code) == .credentialsRefused else {
                    guard error.isAboutNewPassword else { throw error }
                    codes.tool.output.explain(error)
                    return try giveNew(&codes, to: path + ["new-password"])
                }
                codes.tool.output.explain(error)
                last = error
            }
        }
    }
}

extension Problem {
    /// Whether another new password may be taken.
    fileprivate var isAboutNewPassword: Bool {
        switch ErrorCode(rawValue: code) {
        case .passwordWeak, .passwordFormat: true
        default: false
        }
    }
}
