import Primitives
import Sessions
import Testing

struct RemoteClientsTests {
    @Test func aProgramIsBuiltInUntilAnEntryTakesItsName() {
        #expect(RemoteClients().named(RemoteClients.builtIn)?.isDevice == true)
        let narrowed = RemoteClient(
            client: Client(name: RemoteClients.builtIn, operations: [.token], audiences: ["https://records.example"]), kind: .device)
        #expect(RemoteClients([narrowed]).named(RemoteClients.builtIn) == narrowed)
    }

    @Test func aServerIsFoundByEachOfItsCertificates() {
        let server = RemoteClient(
            client: Client(name: "records", operations: [], audiences: ["https://records.example"]),
            kind: .server(certificates: ["aa", "bb"], keys: nil))
        let clients = RemoteClients([server])
        #expect(clients.bearing(certificate: "bb") == server)
        #expect(clients.bearing(certificate: "cc") == nil)
        #expect(clients.servers == [server])
    }
}
