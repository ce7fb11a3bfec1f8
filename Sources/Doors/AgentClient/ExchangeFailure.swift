import APIContract
import Primitives

/// Why an exchange with the agent broke before a complete answer was read.
enum ExchangeFailure: Error, Hashable, Sendable {
    /// The system could not connect, read or write.
    case unreachable(step: Text, reason: Text)
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

    private var code: ErrorCode {
        switch self {
        case .unreachable, .pathTooLong, .untrustedServer, .serverUnknown, .deadlineExceeded, .closedEarly: .agentUnreachable
        case .malformed, .tooLarge: .internalError
        }
    }

    private var detail: Text {
        switch self {
        case .unreachable(let step, let reason): reason.of(step)
        case .pathTooLong: Text("le chemin du socket est trop long", "the path of the socket is too long")
        case .untrustedServer(let uid):
            Text(
                "le programme de ce socket appartient à l'utilisateur \(uid) : ce n'est donc pas l'agent",
                "the program on this socket runs as user \(uid), so it is not the agent")
        case .serverUnknown:
            Text("le système ne dit pas qui répond sur ce socket", "the system does not say who answers on this socket")
        case .deadlineExceeded: Text("pas de réponse à temps", "no answer in time")
        case .closedEarly:
            Text(
                "la connexion a été coupée avant la fin de la réponse", "the connection was closed before the answer was complete")
        case .malformed(let what): Text("la réponse est illisible : \(what)", "the answer cannot be read: \(what)")
        case .tooLarge(let limit): Text("la réponse dépasse \(limit) octets", "the answer has more than \(limit) bytes")
        }
    }

    func problem(_ language: Language) -> Problem { Problem(Refusal(code), language: language, detail: detail) }
}
