package import Primitives

/// The program at the other end of the socket, as the kernel attests it.
package struct Caller: Hashable, Sendable {
    package let uid: UInt32
    package let gid: UInt32
    /// A hint only: a pid can be used again.
    package let pid: Int32
    /// Name of the `clients` entry that it matches, else `default`.
    package let client: Client

    package init(uid: UInt32, gid: UInt32, pid: Int32, client: Client = .anyone) {
        self.uid = uid
        self.gid = gid
        self.pid = pid
        self.client = client
    }

    /// As traces name it.
    package var json: JSON {
        ["name": .string(client.name), "uid": .int(Int64(uid)), "gid": .int(Int64(gid)), "pid": .int(Int64(pid))]
    }
}
