internal import Dispatch
internal import Glibc
package import Primitives

/// The service manager that started this process and wants to hear how it is (sd_notify(3)).
package final class ServiceManager: Sendable {
    /// How long the manager waits for a sign of life before it ends the process; `nil` where it waits for none.
    package let watchdog: Duration?
    let socket: UnixDatagram
    let queue = DispatchQueue(label: "service-manager")

    private static let names = ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"]

    /// Takes what the manager has left in the environment out of it, so that programs begun from here do not speak for this one.
    ///
    /// To be called once, before there are other threads that look at the environment. Returns `nil` where nobody wants to hear.
    package static func taken() throws(FileError) -> ServiceManager? {
        var found: [String: String] = [:]
        for name in names {
            if let value = getenv(name) { found[name] = String(cString: value) }
            unsetenv(name)
        }
        return try ServiceManager(environment: found, processID: getpid())
    }

    /// `nil` where nobody wants to hear.
    package init?(environment: [String: String], processID: Int32) throws(FileError) {
        guard let path = environment["NOTIFY_SOCKET"], path.hasPrefix("/") || path.hasPrefix("@") else { return nil }
        socket = try UnixDatagram(to: path)
        // sd_watchdog_enabled(3): it may be meant for another process.
        let isMeant = environment["WATCHDOG_PID"].map { $0 == String(processID) } ?? true
        let microseconds = environment["WATCHDOG_USEC"].flatMap { Int64($0) }.flatMap { $0 > 0 ? $0 : nil }
        watchdog = isMeant ? microseconds.map { .microseconds($0) } : nil
    }

    /// Returns once the manager has it.
    package func tell(_ notice: ServiceNotice) async throws(FileError) {
        let socket = socket
        let result = await queue.perform { () -> Result<Void, FileError> in
            do throws(FileError) { return .success(try socket.send(Array(notice.text.utf8), waits: true)) } catch { return .failure(error) }
        }
        try result.get()
    }
}

/// What a service manager can be told.
package enum ServiceNotice: Hashable, Sendable {
    /// The service serves; with a line on how it is.
    case ready(String)
    /// It reads its configuration again since that time, as ``TimeSource/awake()`` has it; ``ready(_:)`` ends that.
    case reloading(since: Duration)
    /// A start goes on, and takes so long from now at most, unless it asks again.
    case extendTimeout(Duration)
    case stopping
    /// How it is, in one line.
    case status(String)
    /// It is well.
    case watchdog

    /// The assignments of sd_notify(3), one a line.
    package var text: String {
        switch self {
        case .ready(let line): "READY=1\nSTATUS=\(line.inOneLine)"
        case .reloading(let since): "RELOADING=1\nMONOTONIC_USEC=\(since.wholeMicroseconds)"
        case .extendTimeout(let time): "EXTEND_TIMEOUT_USEC=\(time.wholeMicroseconds)"
        case .stopping: "STOPPING=1"
        case .status(let line): "STATUS=\(line.inOneLine)"
        case .watchdog: "WATCHDOG=1"
        }
    }
}

extension String {
    /// A line that ends where it should: what follows a line break would be another assignment.
    fileprivate var inOneLine: String { String(map { $0.isNewline ? " " : $0 }) }
}

extension Duration {
    var wholeMicroseconds: Int64 { components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000 }
}
