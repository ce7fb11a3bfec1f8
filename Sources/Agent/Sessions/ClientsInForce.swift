internal import Primitives
internal import Synchronization

/// The programs that the configuration names, as they are now; they may be replaced at any time.
package final class ClientsInForce: Sendable {
    private struct State {
        var version = 0
        var table: ClientTable?
        var remote: RemoteClients
    }

    private let state: Mutex<State>

    /// - Parameter table: those on this machine; `nil` where every program may do everything for its own user.
    package init(_ table: ClientTable? = nil, remote: RemoteClients = RemoteClients()) {
        state = Mutex(State(table: table, remote: remote))
    }

    /// From now on these hold. Returns what tells of a name whether other programs than before may go by it.
    package func replace(by table: ClientTable?, remote: RemoteClients) -> @Sendable (String) -> Bool {
        let before = state.withLock { state in
            let before = state.table
            state = State(version: state.version + 1, table: table, remote: remote)
            return before
        }
        return { name in
            // Without a table nobody is held to be anybody.
            guard let table, remote.named(name) == nil else { return false }
            return before?.selection(of: name) != table.selection(of: name)
        }
    }

    /// Those on other machines alone, unless all were replaced since this version.
    package func replace(remote: RemoteClients, since version: Int) {
        state.withLock { if $0.version == version { $0.remote = remote } }
    }

    /// Those on this machine, and how often all were replaced.
    package var local: (table: ClientTable?, version: Int) { state.withLock { ($0.table, $0.version) } }

    /// Those on other machines.
    package var remote: RemoteClients { state.withLock(\.remote) }

    /// What a program of this name may do now; `nil` when none is called so any more.
    func named(_ name: String) -> Client? {
        state.withLock { state in
            if let remote = state.remote.named(name) { return remote.client }
            guard let table = state.table else { return .anyone }
            return table.named(name)
        }
    }

    /// Whether a program of this name could be given this token now.
    func allow(_ token: TokenRecord, to name: String) -> Bool {
        guard let client = named(name), client.operations.contains(.token) else { return false }
        if let audiences = client.audiences, !audiences.contains(token.audience) { return false }
        return client.scopes.map { $0.isSuperset(of: token.scopes) } ?? true
    }
}
