import Glibc
import NIOPosix
import Primitives
import Sessions
import TestSupport
import Testing

@testable import LocalAPI

/// Connections that stay open while the configuration changes.
@Suite(.serialized, .timeLimit(.minutes(5)))
struct MatchingAgainTests {
    private static func table(_ name: String, uids: Set<UInt32>? = nil, executables: Set<String>? = nil, digests: Set<String>? = nil)
        -> ClientTable
    {
        ClientTable(
            [ClientRule(Client(name: name, operations: []), uids: uids, executables: executables, digests: digests)], fallback: nil)
    }

    /// Is refused, and the refusal names the entry.
    private static let login =
        "POST /v1/logins HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"

    @Test(arguments: [false, true])
    func anOpenConnectionIsMatchedAgainBeforeItsNextRequest(_ needsProcess: Bool) async throws {
        let own = needsProcess ? try #require(realpath("/proc/self/exe", nil).map { String(cString: $0) }) : nil
        let executables = own.map { Set([$0]) }
        let clients = ClientsInForce(Self.table("before", uids: [geteuid()], executables: executables))
        let server = try await TestServer(clients: clients)
        let connection = try server.connect()
        connection.send(Self.login)
        try #require(await connection.hears(#""client":"before""#))
        _ = clients.replace(by: Self.table("after", uids: [geteuid()], executables: executables), remote: RemoteClients())
        connection.forget()
        connection.send(Self.login)
        try #require(await connection.hears(#""client":"after""#))
        _ = clients.replace(by: Self.table("other", uids: [geteuid() + 1]), remote: RemoteClients())
        connection.forget()
        connection.send(Self.login)
        try #require(await connection.hears(#""client":"default""#))
        await server.stop()
    }

    // MARK: Where the kernel names the process by its number alone

    private static let digest = String(repeating: "a0", count: 32)
    private static let known = ClientFacts(uid: 5, groups: [6], units: ["records.service"], executable: "/usr/bin/tool")

    private func again(_ facts: ClientFacts?, _ table: ClientTable?) -> Peer? {
        let attestation = Attestation(
            clients: ClientsInForce(), needsUnits: false, inspector: Nobody(), pool: NIOThreadPool(numberOfThreads: 1))
        return attestation.attested(Peer(pid: 7, uid: 5, gid: 6, version: 0, facts: facts), .remembered, table, 1)
    }

    @Test func itIsHeldToWhatWasKnownAsItConnected() throws {
        let peer = try #require(again(Self.known, Self.table("tool", executables: ["/usr/bin/tool"])))
        #expect(peer.client.name == "tool" && peer.version == 1 && peer.facts == Self.known)
        #expect(again(Self.known, Self.table("tool", executables: ["/usr/bin/other"]))?.client.name == "default")
        #expect(again(Self.known, nil)?.client == .anyone)
    }

    @Test func whatWasNotLookedAtThenCannotBeKnownNow() {
        #expect(again(nil, Self.table("tool", executables: ["/usr/bin/tool"])) == nil)
        #expect(again(Self.known, Self.table("tool", executables: ["/usr/bin/tool"], digests: [Self.digest])) == nil)
        var hashed = Self.known
        hashed.sha256 = Self.digest
        #expect(again(hashed, Self.table("tool", digests: [Self.digest]))?.client.name == "tool")
    }

    private struct Nobody: PeerInspecting {
        func facts(of process: PeerProcess, uid: UInt32, gid: UInt32, needsDigest: (ClientFacts) -> Bool) -> ClientFacts {
            ClientFacts(uid: uid, groups: [gid])
        }
    }
}
