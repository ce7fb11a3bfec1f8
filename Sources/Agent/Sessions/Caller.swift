package import Primitives

/// Who asks: a program at the other end of the socket, as the kernel attests it, or one on another machine.
package struct Caller: Hashable, Sendable {
    package let uid: UInt32
    package let gid: UInt32
    /// A hint only: a pid can be used again.
    package let pid: Int32
    /// Name of the `clients` entry that it matches, else `default`.
    package let client: Client
    /// Where a program on another machine is; `nil` for one on this.
    package let remote: Remote?

    /// A program on another machine.
    package struct Remote: Hashable, Sendable {
        /// Its network address.
        package let address: String
        /// Id of the device whose key it has shown; `nil` for a server.
        package let device: String?

        package init(address: String, device: String?) {
            self.address = address
            self.device = device
        }
    }

    package init(uid: UInt32, gid: UInt32, pid: Int32, client: Client = .anyone) {
        self.uid = uid
        self.gid = gid
        self.pid = pid
        self.client = client
        remote = nil
    }

    /// A program on another machine: no user of this one.
    package init(_ remote: Remote, client: Client) {
        uid = .max
        gid = .max
        pid = 0
        self.client = client
        self.remote = remote
    }

    /// As traces name it.
    package var json: JSON {
        if let remote {
            return .members([
                "name": .string(client.name), "address": .string(remote.address), "device": remote.device.map(JSON.string),
            ])
        }
        return ["name": .string(client.name), "uid": .int(Int64(uid)), "gid": .int(Int64(gid)), "pid": .int(Int64(pid))]
    }
}
