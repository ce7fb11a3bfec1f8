package import Primitives
package import Sessions

/// What the listener for devices and servers needs of the agent.
package protocol MobileService: Sendable {
    /// Begins a device grant (RFC 8628 §3.1).
    func authorize(_ request: MobileRequest) async throws(MobileRefusal) -> DeviceAuthorization

    /// Gives the first tokens of a device, or the next (RFC 6749 §5). Every refusal but the waiting of a device is traced.
    func tokens(for grant: MobileGrant, _ request: MobileRequest) async throws(MobileRefusal) -> MobileTokens

    /// Whether a token is good now (RFC 7662 §2.2): its claims, else `{"active": false}`.
    func introspect(_ token: String, by server: Client, at address: String) async throws(MobileRefusal) -> JSON

    /// Makes a token dead (RFC 7009 §2): an access token alone, a refresh token with its session. What is unknown is no error.
    ///
    /// - Parameter caller: a server, or the program of a device.
    func revoke(_ token: String, by caller: Client, at address: String) async throws(MobileRefusal)

    /// Takes what a server acknowledges, and gives what it has not acknowledged yet (RFC 8936 §2.4). It waits for news when there are none
    /// and `waits` says so.
    func poll(
        acknowledged: [String], errors: [String], most: Int, waits: Bool, by server: Client
    ) async throws(MobileRefusal) -> SignalPage

    /// Traces what the door itself has refused: a wrong proof, a server that is not who it says, too many requests.
    func refused(_ refusal: MobileRefusal, client: String?, address: String, what: String) async
}
