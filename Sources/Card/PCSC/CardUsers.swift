internal import Foundation
internal import Glibc

/// Which other programs use cards at this moment: those that have the PC/SC client library loaded.
///
/// Only processes that this user may look at are seen, so an empty answer does not say that there is none.
enum CardUsers {
    private static let library = "libpcsclite.so"
    private static let most = 4096

    /// `firefox (pid 4711)`, several with commas; `nil` when none is seen.
    static func others() -> String? {
        guard let processes = try? FileManager.default.contentsOfDirectory(atPath: "/proc") else { return nil }
        let found = processes.prefix(most).compactMap { Int32($0) }.sorted().filter { $0 != getpid() && usesCards($0) }
        let names = found.prefix(3).map { pid in "\(name(of: pid)) (pid \(pid))" }
        return names.isEmpty ? nil : names.joined(separator: ", ")
    }

    private static func usesCards(_ pid: Int32) -> Bool {
        guard let maps = FileManager.default.contents(atPath: "/proc/\(pid)/maps") else { return false }
        return maps.range(of: Data(library.utf8)) != nil
    }

    private static func name(of pid: Int32) -> String {
        let name = FileManager.default.contents(atPath: "/proc/\(pid)/comm") ?? Data("?".utf8)
        return String(decoding: name.prefix(64), as: UTF8.self).filter { $0.isLetter || $0.isNumber || "-_.".contains($0) }
    }
}
