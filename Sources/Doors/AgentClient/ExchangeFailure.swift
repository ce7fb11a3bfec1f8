import APIContract
import Primitives

/// Why an exchange with the agent broke before a complete answer was read.
enum ExchangeFailure: Error, Hashable, Sendable {
    /// The system could not connect, read or write; its text.
    case unreachable(step: String, reason: String)
    case pathTooLong
    /// Something answers on the socket, but as a user that the agent never runs as.
    case untrustedServer(uid: UInt32)
    case serverUnknown
    case deadlineExceeded
    /// The agent closed the connection within its answer.
    case closedEarly
    /// The bytes are not the HTTP/1.1 (RFC 9112) or the events that are due; says where.
    case malformed(String)
    /// The answer is larger than anybody may send us, in bytes.
    case tooLarge(limit: Int)

    private var refusal: Refusal {
        switch self {
        case .unreachable(let step, let reason): Refusal(.agentUnreachable, ["detail": .string("\(step): \(reason)")])
        case .pathTooLong: Refusal(.agentUnreachable, ["detail": "the path of the socket is too long"])
        case .untrustedServer(let uid):
            Refusal(.agentUnreachable, ["detail": .string("the program on this socket runs as user \(uid), so it is not the agent")])
        case .serverUnknown: Refusal(.agentUnreachable, ["detail": "the system does not say who answers on this socket"])
        case .deadlineExceeded: Refusal(.agentUnreachable, ["detail": "no answer in time"])
        case .closedEarly: Refusal(.agentUnreachable, ["detail": "the connection was closed before the answer was complete"])
        case .malformed(let what): Refusal(.internalError, ["detail": .string("the answer cannot be read: \(what)")])
        case .tooLarge(let limit): Refusal(.internalError, ["detail": .string("the answer has more than \(limit) bytes")])
        }
    }

    func problem(_ language: Language) -> Problem { Problem(refusal, language: language) }
}
