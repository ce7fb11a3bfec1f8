import MobileSessions
import Primitives
import Sessions
import Synchronization

/// The agent behind the listener, as a test wants it.
final class ScriptedService: MobileService {
    enum Call: Hashable {
        case authorize(MobileRequest)
        case tokens(MobileGrant, MobileRequest)
        case introspect(String, String)
        case revoke(String, String)
        case poll([String], [String], Int, Bool, String)
        case refused(MobileRefusal.Code, String?, String)
    }

    private struct State {
        var calls: [Call] = []
        var refusal: MobileRefusal?
        var signals = SignalPage(signals: [], moreAvailable: false)
        var claims: JSON = ["active": .bool(false)]
    }

    private let state = Mutex(State())

    var calls: [Call] { state.withLock { $0.calls } }
    var refused: [Call] { calls.filter { if case .refused = $0 { true } else { false } } }

    /// What every request is refused with from now on.
    func refuse(_ refusal: MobileRefusal?) { state.withLock { $0.refusal = refusal } }
    func tell(_ signals: SignalPage) { state.withLock { $0.signals = signals } }
    func claim(_ claims: JSON) { state.withLock { $0.claims = claims } }

    private func note(_ call: Call) throws(MobileRefusal) {
        let refusal = state.withLock { state in
            state.calls.append(call)
            return state.refusal
        }
        if let refusal { throw refusal }
    }

    func authorize(_ request: MobileRequest) async throws(MobileRefusal) -> DeviceAuthorization {
        try note(.authorize(request))
        return DeviceAuthorization(deviceCode: "device-code", userCode: "WDJB-MJHT", expiresIn: 600, interval: 5)
    }

    func tokens(for grant: MobileGrant, _ request: MobileRequest) async throws(MobileRefusal) -> MobileTokens {
        try note(.tokens(grant, request))
        return MobileTokens(
            accessToken: "access", expiresIn: 300, scopes: ["record:read", "record:write"], refreshToken: "refresh", session: "s1",
            sessionExpiresIn: 14_400)
    }

    func introspect(_ token: String, by server: Client, at address: String) async throws(MobileRefusal) -> JSON {
        try note(.introspect(token, server.name))
        return state.withLock { $0.claims }
    }

    func revoke(_ token: String, by caller: Client, at address: String) async throws(MobileRefusal) {
        try note(.revoke(token, caller.name))
    }

    func poll(
        acknowledged: [String], errors: [String], most: Int, waits: Bool, by server: Client
    ) async throws(MobileRefusal) -> SignalPage {
        try note(.poll(acknowledged, errors, most, waits, server.name))
        return state.withLock { $0.signals }
    }

    func refused(_ refusal: MobileRefusal, client: String?, address: String, what: String) async {
        state.withLock { $0.calls.append(.refused(refusal.code, client, what)) }
    }
}
