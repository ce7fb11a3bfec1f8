import Synchronization
package import Tokens

/// Signing keys that live as long as the test.
package final class MemoryTokenKeys: TokenKeyStorage {
    private let keys = Mutex<[StoredTokenKey]>([])

    package init() {}

    package func load() throws(TokenKeyError) -> [StoredTokenKey] { keys.withLock { $0 } }
    package func save(_ key: StoredTokenKey) throws(TokenKeyError) { keys.withLock { $0.append(key) } }
    package func remove(_ key: StoredTokenKey) throws(TokenKeyError) { keys.withLock { $0.removeAll { $0 == key } } }
}
