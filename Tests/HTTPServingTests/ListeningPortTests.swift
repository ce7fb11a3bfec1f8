import HTTPServing
import Testing

struct ListeningPortTests {
    @Test func aTakenPortIsNamed() throws {
        let first = try ListeningPort.bound(host: "127.0.0.1", port: 0)
        let failure = #expect(throws: ListeningPort.Failure.self) { try ListeningPort.bound(host: "127.0.0.1", port: first.port) }
        #expect(failure == .inUse("127.0.0.1", first.port))
        #expect(failure?.description.contains("another agent") == true)
    }

    @Test func anAddressThatIsNotOursIsNamed() {
        #expect(throws: ListeningPort.Failure.notOurs("192.0.2.7")) { try ListeningPort.bound(host: "192.0.2.7", port: 0) }
        #expect(throws: ListeningPort.Failure.unknownHost("no such host")) { try ListeningPort.bound(host: "no such host", port: 0) }
    }

    @Test func bothFamiliesOfAddressesListen() throws {
        for host in ["127.0.0.1", "0.0.0.0", "::1", "::", "localhost"] {
            #expect((try? ListeningPort.bound(host: host, port: 0).port) ?? 0 > 0, "\(host)")
        }
    }
}
