internal import APIContract
internal import Dispatch
public import FoundationEssentials
internal import Primitives

/// The agent of this workstation, for an application: who is here, a login, tokens, and what happens.
///
///     let agent = CPSAgent()
///     let login = try await agent.beginLogin(audience: "https://records.example")
///     // Show `login.holder` and `login.triesLeft`, then ask the person.
///     let opened = try await agent.enterPIN(AgentPIN(wiping: &bytes), for: login)
///     for try await event in try await agent.events() { ... }
///
/// Each call is a connection of its own, may be made from any task, and blocks none of the threads that tasks share. Nothing is sent to
/// a program that runs neither as root, nor as the agent's user, nor as one's own. What the agent refuses is thrown as ``AgentError``.
public struct CPSAgent: Sendable {
    /// Where the packaged agent listens.
    public static let standardSocket = "/run/cps-agent/agent.sock"

    /// Language of the texts for people in errors.
    public enum TextLanguage: String, Hashable, Sendable, CaseIterable {
        case french = "fr"
        case english = "en"
    }

    private let client: AgentClient
    private static let queue = DispatchQueue(label: "cps-agent.client", attributes: .concurrent)

    /// - Parameter socket: path of the agent's socket.
    public init(socket: String = CPSAgent.standardSocket, language: TextLanguage = .french) {
        self.init(AgentClient(socket: socket, language: language == .french ? .french : .english, check: .ofThisMachine()))
    }

    init(_ client: AgentClient) { self.client = client }

    // MARK: Who is here

    public func status() async throws(AgentError) -> AgentStatus {
        try await call(.get, ["status"]) { AgentStatus($0) }
    }

    /// The card in a reader, as far as it can be known without its PIN.
    ///
    /// - Parameter reader: id of the reader, or its PC/SC name.
    public func card(inReader reader: String) async throws(AgentError) -> AgentCard {
        try await call(.get, ["readers", reader, "card"]) { AgentCard($0) }
    }

    // MARK: Login

    /// Begins a login: the card is looked at, its certificate checked, and the tries of its PIN are read.
    ///
    /// - Parameters:
    ///   - audience: the server that a token is wanted for; without it the login gives none.
    ///   - scopes: what the token is to allow; empty for all that the person has.
    ///   - reader: id of the reader, or its PC/SC name; `nil` for any with a card.
    ///   - resumes: id of the ended session whose unsaved work may be given back.
    public func beginLogin(
        audience: String? = nil, scopes: [String] = [], reader: String? = nil, resumes: String? = nil
    ) async throws(AgentError) -> AgentLogin {
        let members = JSON.members([
            "audience": audience.map(JSON.string), "scopes": scopes.isEmpty ? nil : .array(scopes.map(JSON.string)),
            "reader": reader.map(JSON.string), "resumes": resumes.map(JSON.string),
        ])
        return try await call(.post, ["logins"], members) { AgentLogin($0) }
    }

    /// Gives the PIN, and opens the session. Each call may spend a try of the card: never call it again unless a person entered the PIN again,
    /// having read how many tries are left (``AgentError/triesLeft``).
    ///
    /// - Parameter lastTryConsent: that of the login or of the error before, once the person agreed to spend the last try.
    public func enterPIN(
        _ pin: AgentPIN, for login: AgentLogin, lastTryConsent: String? = nil
    ) async throws(AgentError) -> OpenedSession {
        let query = lastTryConsent.map { [("accept_last_try", $0)] } ?? []
        let request = AgentRequest(.put, ["logins", login.id, "pin"], query: query)
        return try await perform({ client throws(Problem) in try client.send(request, secret: pin.secret) }, { OpenedSession($0) })
    }

    /// Has the person enter the PIN on the reader, where ``AgentLogin/hasKeypad``. Answers when they are done, at the latest after 75 seconds.
    public func awaitKeypad(for login: AgentLogin, lastTryConsent: String? = nil) async throws(AgentError) -> OpenedSession {
        let query = lastTryConsent.map { [("accept_last_try", $0)] } ?? []
        let request = AgentRequest(.post, ["logins", login.id, "keypad"], query: query, patience: .seconds(90))
        return try await perform({ client throws(Problem) in try client.send(request) }, { OpenedSession($0) })
    }

    public func cancel(_ login: AgentLogin) async throws(AgentError) { try await order(.delete, ["logins", login.id]) }

    // MARK: Sessions and tokens

    /// The live sessions of this user, oldest first.
    public func sessions() async throws(AgentError) -> [AgentSession] {
        try await call(.get, ["sessions"]) { answer in answer["sessions"]?.array.flatMap { each in each.wholeMap { AgentSession($0) } } }
    }

    public func session(_ id: String) async throws(AgentError) -> AgentSession {
        try await call(.get, ["sessions", id]) { AgentSession($0) }
    }

    /// Chooses the situation of practice to work in; tokens of the one before are inactive at once.
    public func choose(_ profile: AgentProfile, in session: String) async throws(AgentError) -> AgentSession {
        try await call(.put, ["sessions", session, "profile"], ["profile": .string(profile.id)]) { AgentSession($0) }
    }

    public func end(session: String) async throws(AgentError) { try await order(.delete, ["sessions", session]) }

    /// A token for a server. It lives two minutes: ask for one when it is needed, and keep none.
    ///
    /// - Parameters:
    ///   - scopes: empty for all that the session has. One that is not granted refuses all of them.
    ///   - keyThumbprint: of the client's key (RFC 7638) that the token is then bound to; it lives five minutes.
    public func token(
        session: String, audience: String, scopes: [String] = [], keyThumbprint: String? = nil
    ) async throws(AgentError) -> AgentToken {
        let members = JSON.members([
            "audience": .string(audience), "scopes": scopes.isEmpty ? nil : .array(scopes.map(JSON.string)),
            "jkt": keyThumbprint.map(JSON.string),
        ])
        return try await call(.post, ["sessions", session, "tokens"], members) { AgentToken($0) }
    }

    /// Whether a token is good now, and what it says (RFC 7662).
    public func introspect(_ token: String) async throws(AgentError) -> TokenInspection {
        let request = AgentRequest(.post, ["introspect"], body: .form([("token", token)]))
        return try await perform({ client throws(Problem) in try client.send(request) }, { TokenInspection($0) })
    }

    // MARK: What happens

    /// What happens, as it happens. The first event is `state`, with everything that this user may see.
    ///
    /// - Parameter last: id of the last event heard; what came after it is told again if the agent still has it, else `gap` and `state` are.
    public func events(after last: UInt64? = nil) async throws(AgentError) -> AgentEvents {
        let client = client
        let outcome = await Self.queue.perform { () -> Result<EventSource, AgentError> in
            do throws(Problem) {
                return .success(EventSource(try client.events(after: last), language: client.language))
            } catch {
                return .failure(AgentError(error))
            }
        }
        return AgentEvents(try outcome.get(), on: Self.queue)
    }

    // MARK: All else

    /// Any other request of the API (`Docs/openapi.yaml`) that neither takes nor gives a secret.
    ///
    /// - Parameters:
    ///   - path: segments below `/v1`, not encoded.
    ///   - body: a JSON document.
    /// - Returns: the body of the answer.
    public func send(_ method: HTTPMethod, _ path: [String], body: Data? = nil) async throws(AgentError) -> Data {
        var json: JSON?
        if let body {
            json = JSON(parsing: Array(body))
            guard json != nil else { throw AgentError(Problem(Refusal(.invalidRequest), language: client.language)) }
        }
        let request = AgentRequest(method.inner, path, body: json.map { .json($0) })
        let outcome = await answer { client throws(Problem) in try client.send(request) }
        return Data(try outcome.get().body)
    }

    public enum HTTPMethod: Hashable, Sendable {
        case get, post, put, delete

        fileprivate var inner: AgentRequest.Method {
            switch self {
            case .get: .get
            case .post: .post
            case .put: .put
            case .delete: .delete
            }
        }
    }

    // MARK: -

    private func call<Value>(
        _ method: AgentRequest.Method, _ path: [String], _ body: JSON? = nil, _ read: (JSON) -> Value?
    ) async throws(AgentError) -> Value {
        let request = AgentRequest(method, path, body: body.map { .json($0) })
        return try await perform({ client throws(Problem) in try client.send(request) }, read)
    }

    private func order(_ method: AgentRequest.Method, _ path: [String]) async throws(AgentError) {
        let request = AgentRequest(method, path)
        _ = try await answer { client throws(Problem) in try client.send(request) }.get()
    }

    private func perform<Value>(
        _ exchange: @escaping @Sendable (AgentClient) throws(Problem) -> AgentAnswer, _ read: (JSON) -> Value?
    ) async throws(AgentError) -> Value {
        let answer = try await answer(exchange).get()
        do throws(Problem) {
            guard let value = read(try answer.json()) else {
                throw ExchangeFailure.malformed("a member is missing").problem(client.language)
            }
            return value
        } catch {
            throw AgentError(error)
        }
    }

    private func answer(
        _ exchange: @escaping @Sendable (AgentClient) throws(Problem) -> AgentAnswer
    ) async -> Result<AgentAnswer, AgentError> {
        let client = client
        return await Self.queue.perform {
            do throws(Problem) { return .success(try exchange(client)) } catch { return .failure(AgentError(error)) }
        }
    }
}
