import Glibc

/// The process that listens on the socket, as the kernel attests it (SO_PEERCRED).
package struct ServerCredentials: Hashable, Sendable {
    package let uid: UInt32
    package let gid: UInt32
    package let pid: Int32

    package init(uid: UInt32, gid: UInt32, pid: Int32) {
        self.uid = uid
        self.gid = gid
        self.pid = pid
    }
}

/// Whom we give requests and PINs to: not to whoever was first to make a socket.
package struct ServerCheck: Sendable {
    let isTrusted: @Sendable (ServerCredentials) -> Bool

    package init(_ isTrusted: @escaping @Sendable (ServerCredentials) -> Bool) { self.isTrusted = isTrusted }

    /// As ``standard(agentUID:callerUID:)``, the agent's user being that of the package.
    package static func ofThisMachine() -> ServerCheck { .standard(agentUID: userID(agentUser)) }

    /// The user that the packaged agent runs as.
    private static let agentUser = "cps-agent"

    /// The id of a user of this machine; `nil` when there is none of that name.
    package static func userID(_ name: String) -> UInt32? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var room = [CChar](repeating: 0, count: 16_384)
        guard getpwnam_r(name, &entry, &room, room.count, &found) == 0, found != nil else { return nil }
        return entry.pw_uid
    }

    /// Root, the agent's own user where this machine has one, and the caller's own user.
    package static func standard(agentUID: UInt32?, callerUID: UInt32 = geteuid()) -> ServerCheck {
        ServerCheck { $0.uid == 0 || $0.uid == callerUID || $0.uid == agentUID }
    }
}
