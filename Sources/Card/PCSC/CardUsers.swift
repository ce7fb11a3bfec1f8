internal import Foundation
internal import Glibc
internal import Primitives

/// Which other programs use cards at this moment: those that have the PC/SC client library loaded.
///
/// Only processes that this user may look at are seen, so an empty answer does not say that there is none.
enum CardUsers {
    private static let library = Array("libpcsclite.so".utf8)
    private static let most = 4096

    /// `firefox (pid 4711)`, several with commas; `nil` when none is seen.
    static func others() -> String? {
        guard let processes = try? FileManager.default.contentsOfDirectory(atPath: "/proc") else { return nil }
        let found = processes.prefix(most).compactMap { Int32($0) }.sorted().filter { $0 != getpid() && usesCards($0) }
        let names = found.prefix(3).map { pid in "\(name(of: pid)) (pid \(pid))" }
        return names.isEmpty ? nil : names.joined(separator: ", ")
    }

    private static func usesCards(_ pid: Int32) -> Bool {
        // In pieces: the maps of a browser are large, and the kernel gives a page of them at a time.
        guard let maps = try? PlainFile.reading("/proc/\(pid)/maps") else { return false }
        var seen: [UInt8] = []
        return withUnsafeTemporaryAllocation(byteCount: 16_384, alignment: 1) { buffer in
            while let count = try? maps.read(into: buffer), count > 0 {
                seen += buffer[..<count]
                if seen.firstRange(of: library) != nil { return true }
                seen.removeFirst(max(0, seen.count - library.count))
            }
            return false
        }
    }

    private static func name(of pid: Int32) -> String {
        let name = (try? PlainFile.contents("/proc/\(pid)/comm", limit: 64)) ?? Array("?".utf8)
        return String(decoding: name, as: UTF8.self).filter { $0.isLetter || $0.isNumber || "-_.".contains($0) }
    }
}
