import ConfigurationFile
import Primitives
import Sessions

extension RemoteClients {
    /// Bytes of a JWK set.
    private static let longestKeys = 65_536

    /// The programs on other machines that the `clients` section names.
    init(entries: [ClientEntry]) throws {
        var clients: [RemoteClient] = []
        for entry in entries where entry.isMobile || entry.isServer {
            let client = Client(
                name: entry.name, operations: entry.isMobile ? [.token] : [], audiences: entry.audiences.map { Set($0) },
                scopes: entry.scopes.map { Set($0) })
            clients.append(RemoteClient(client: client, kind: entry.isMobile ? .device : try Self.server(entry)))
        }
        self.init(clients)
    }

    private static func server(_ entry: ClientEntry) throws -> RemoteClient.Kind {
        do throws(FileError) {
            let keys = try entry.keys.map { path throws(FileError) in try PlainFile.contents(path, limit: longestKeys) }
            return .server(certificates: Set(entry.certificates ?? []), keys: keys)
        } catch {
            throw StartFailure(configuration: error.text.of(error.path).of("clients.\(entry.name).jwks"))
        }
    }
}
