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

    /// Root, the agent's own user where this machine has one, and the caller's own user.
    package static func standard(agentUID: UInt32?, callerUID: UInt32 = geteuid()) -> ServerCheck {
        ServerCheck { $0.uid == 0 || $0.uid == callerUID || $0.uid == agentUID }
    }
}
