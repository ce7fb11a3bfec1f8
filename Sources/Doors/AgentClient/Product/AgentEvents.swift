internal import APIContract
internal import Dispatch
public import FoundationEssentials
internal import Primitives
internal import Synchronization

extension CPSAgent {
    /// Something that happened.
    public struct Event: Hashable, Sendable {
        public enum Kind: Hashable, Sendable {
            /// Everything that this user may see; what is not in it is gone.
            case state(sessions: [AgentSession], cards: [AgentCard])
            /// A session that was opened, changed or ended.
            case session(AgentSession)
            case card(AgentCard)
            /// A token that is no longer good, before its time.
            case tokenRevoked(tokenID: String, session: String)
            /// Events were lost; `state` comes next.
            case gap
            /// Any other, by its name, with its JSON document. More kinds may come: pass over what you do not know.
            case other(String, Data)
        }

        /// To be given back when following again.
        public let id: UInt64?
        public let kind: Kind
    }
}

/// Events, one after the other, for as long as the agent runs. They wait until they are asked for; a listener that is far too slow is cut off by
/// the agent. Ends when the agent stops in order; throws `agent_unreachable` when it breaks off. Cancelling the task ends the waiting.
public struct AgentEvents: AsyncSequence, Sendable {
    public typealias Element = CPSAgent.Event
    public typealias Failure = AgentError

    private let source: EventSource
    private let queue: DispatchQueue

    init(_ source: EventSource, on queue: DispatchQueue) {
        self.source = source
        self.queue = queue
    }

    /// There is one stream: what one iterator has taken no other one sees.
    public func makeAsyncIterator() -> Iterator { Iterator(source: source, queue: queue) }

    public struct Iterator: AsyncIteratorProtocol {
        fileprivate let source: EventSource
        fileprivate let queue: DispatchQueue

        public mutating func next() async throws(AgentError) -> CPSAgent.Event? { try await next(isolation: nil) }

        public mutating func next(isolation actor: isolated (any Actor)?) async throws(AgentError) -> CPSAgent.Event? {
            let (source, queue) = (source, queue)
            let outcome = await withTaskCancellationHandler {
                await queue.perform { source.next() }
            } onCancel: {
                source.interrupt()
            }
            return try outcome.get()
        }
    }
}

/// One stream, read by one thread at a time.
final class EventSource: Sendable {
    private let stream: Mutex<EventStream>
    private let interruption: Interruption
    private let language: Language

    init(_ stream: consuming EventStream, language: Language) {
        interruption = stream.interruption()
        self.stream = Mutex(stream)
        self.language = language
    }

    /// Waits for the next event, and blocks meanwhile; `nil` after the last, and once it was interrupted.
    func next() -> Result<CPSAgent.Event?, AgentError> {
        do throws(Problem) {
            let event = try stream.withLock { stream throws(Problem) in try stream.next() }
            guard let event else { return .success(nil) }
            guard let read = CPSAgent.Event(event) else {
                throw ExchangeFailure.malformed("a member of the event \(event.kind) is missing").problem(language)
            }
            return .success(read)
        } catch {
            return interruption.isOver ? .success(nil) : .failure(AgentError(error))
        }
    }

    func interrupt() { interruption.interrupt() }
}

extension CPSAgent.Event {
    /// `nil` when a member is missing.
    init?(_ event: AgentEvent) {
        let data = event.data
        id = event.id
        switch event.kind {
        case "state":
            guard let sessions = data["sessions"]?.array?.wholeMap({ AgentSession($0) }),
                let cards = data["cards"]?.array?.wholeMap({ AgentCard($0) })
            else { return nil }
            kind = .state(sessions: sessions, cards: cards)
        case "session":
            guard let session = AgentSession(data) else { return nil }
            kind = .session(session)
        case "card":
            guard let card = AgentCard(data) else { return nil }
            kind = .card(card)
        case "token_revoked":
            guard let token = data["jti"]?.string, let session = data["session"]?.string else { return nil }
            kind = .tokenRevoked(tokenID: token, session: session)
        case "gap": kind = .gap
        default: kind = .other(event.kind, Data(data.canonical))
        }
    }
}
