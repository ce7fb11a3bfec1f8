import ConfigurationFile
import Sessions

extension ClientTable {
    /// The table that the `clients` section says.
    init(entries: [ClientEntry]) {
        var rules: [ClientRule] = []
        var fallback: Client?
        for entry in entries where !entry.isMobile && !entry.isServer {
            let client = Client(
                name: entry.name, operations: Set(entry.operations), audiences: entry.audiences.map { Set($0) },
                scopes: entry.scopes.map { Set($0) })
            guard entry.name != ClientEntry.fallbackName else {
                fallback = client
                continue
            }
            rules.append(
                ClientRule(
                    client, uids: entry.uids.map { Set($0) }, groups: entry.gids.map { Set($0) }, units: entry.units.map { Set($0) },
                    executables: entry.executables.map { Set($0) }, digests: entry.sha256.map { Set($0) }))
        }
        self.init(rules, fallback: fallback)
    }
}
