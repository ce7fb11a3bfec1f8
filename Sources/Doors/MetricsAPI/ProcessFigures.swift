internal import Glibc
internal import Primitives

/// What this process takes of the machine, as the kernel has it.
package enum ProcessFigures {
    /// Blocks for a moment: it reads `/proc`.
    package static func add(to exposition: inout Exposition) {
        if let memory = residentMemory() { exposition.add(.residentMemory, count: memory) }
        if let count = openDescriptors() { exposition.add(.openDescriptors, count: count) }
    }

    /// Bytes: the second field of `statm` counts pages (proc(5)).
    private static func residentMemory() -> Int? {
        let descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 256)
        let count = read(descriptor, &buffer, buffer.count)
        guard count > 0 else { return nil }
        let fields = String(decoding: buffer[..<count], as: UTF8.self).split(separator: " ")
        guard fields.count > 1, let pages = Int(fields[1]) else { return nil }
        return pages * sysconf(Int32(_SC_PAGESIZE))
    }

    private static func openDescriptors() -> Int? {
        // Not the one it is read with.
        (try? FolderNames.all(in: "/proc/self/fd")).map { $0.count - 1 }
    }
}
