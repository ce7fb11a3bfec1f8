import Store

extension StartFailure {
    /// Why the state folder cannot be used, with what to do about it where that is known.
    init(_ error: StoreError, stateFolder folder: String) {
        switch error {
        case .inUse(let process):
            self.init("agent.state_dir: another agent (process \(process.map(String.init) ?? "unknown")) uses \(folder)")
        case .newer(let found, let known):
            self.init(
                """
                agent.state_dir \(folder): a later version of the agent wrote it (schema \(found), this version knows \(known)). \
                Install that version again; nothing was changed.
                """)
        case .keysOfAnotherMachine(let path):
            self.init(
                """
                agent.state_dir \(folder): its keys were made on another machine, and two machines must not sign with one key. \
                Move the folder \(folder)/keys away: this machine makes keys of its own and the log says so. \
                If this is that machine with a new number (/etc/machine-id), remove \(path) instead. Nothing was changed.
                """)
        case .keyFile(let error): self.init("the key of the log: \(error)")
        default: self.init("agent.state_dir \(folder): \(error)")
        }
    }
}
