import APIContract
import Crypto
import Foundation
import Glibc
import Identity
import Primitives

/// Why a file cannot be sent.
struct UploadFailure: Error {
    let reason: Text
}

/// A file to be sent in parts, known by its digest.
final class DirectoryUpload {
    let sha256: String
    /// Bytes.
    let size: Int64
    private let path: String
    private let descriptor: Int32

    init(path: String) throws(UploadFailure) {
        self.path = path
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure(path) }
        guard let found = FileIdentity(descriptor: descriptor), found.isRegular, found.size > 0 else {
            throw UploadFailure(reason: Text("\(path) n'est pas un fichier avec un contenu", "\(path) is not a file with content"))
        }
        size = found.size
        guard try Self.part(descriptor, path, at: 0, count: 4) != [0x50, 0x4B, 0x03, 0x04] else {
            throw UploadFailure(
                reason: Text(
                    "\(path) est une archive : en sortir PS_LibreAcces_Personne_activite_….txt (unzip)",
                    "\(path) is an archive: take PS_LibreAcces_Personne_activite_….txt out of it (unzip)"))
        }
        var digest = SHA256()
        var offset: Int64 = 0
        while offset < size {
            let part = try Self.part(descriptor, path, at: offset, count: 1 << 20)
            guard !part.isEmpty else { throw Self.shorter(path) }
            digest.update(data: part)
            offset += Int64(part.count)
        }
        sha256 = Hex.encode(Array(digest.finalize()))
    }

    deinit { close(descriptor) }

    /// As much as one request takes.
    func part(at offset: Int64) throws(UploadFailure) -> [UInt8] {
        let count = min(Int64(API.longestBody), size - offset)
        let part = try Self.part(descriptor, path, at: offset, count: Int(count))
        guard part.count == Int(count) else { throw Self.shorter(path) }
        return part
    }

    private static func part(_ descriptor: Int32, _ path: String, at offset: Int64, count: Int) throws(UploadFailure) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let got = buffer.withUnsafeMutableBytes {
                pread(descriptor, $0.baseAddress?.advanced(by: filled), count - filled, off_t(offset) + off_t(filled))
            }
            if got == 0 { break }
            guard got > 0 else {
                if errno == EINTR { continue }
                throw failure(path)
            }
            filled += got
        }
        return Array(buffer.prefix(filled))
    }

    private static func failure(_ path: String) -> UploadFailure { UploadFailure(reason: Text.system().of(path)) }

    private static func shorter(_ path: String) -> UploadFailure {
        UploadFailure(reason: Text("\(path) a raccourci", "\(path) has become shorter"))
    }
}

/// A list of people to keep, an RPPS number a line, as the agent takes it.
struct DirectoryPeople {
    let sha256: String
    let parts: [[UInt8]]

    private static let largestList = 4 << 20

    init(path: String) throws(UploadFailure) {
        guard let handle = FileHandle(forReadingAtPath: path), let data = try? handle.read(upToCount: Self.largestList + 1) else {
            throw UploadFailure(reason: Text("\(path) est illisible", "\(path) cannot be read"))
        }
        guard data.count <= Self.largestList else {
            throw UploadFailure(
                reason: Text("\(path) dépasse \(Self.largestList) octets", "\(path) has more than \(Self.largestList) bytes"))
        }
        var (parts, part): ([[UInt8]], [UInt8]) = ([], [])
        for (index, line) in String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline).enumerated() {
            let number = line.filter { !$0.isWhitespace }
            guard !number.isEmpty else { continue }
            guard CheckDigits.isRPPS(number) else {
                throw UploadFailure(
                    reason: Text(
                        "\(path) : la ligne \(index + 1) n'est pas un numéro RPPS", "\(path): line \(index + 1) is no RPPS number"))
            }
            part += Array("8\(number)\n".utf8)
            if part.count > API.longestBody - 32 {
                parts.append(part)
                part = []
            }
        }
        if !part.isEmpty { parts.append(part) }
        guard !parts.isEmpty else { throw UploadFailure(reason: Text("\(path) ne nomme personne", "\(path) names nobody")) }
        self.parts = parts
        sha256 = Hex.encode(Array(SHA256.hash(data: parts.joined().map { $0 })))
    }
}

/// How far an upload is, for a person: share, rate, time left.
struct DirectoryProgress {
    private let tool: Tool
    private let size: Int64
    private let from: Int64
    private let start: Duration
    private var shown: Duration?

    init(tool: Tool, size: Int64, from: Int64) {
        self.tool = tool
        self.size = size
        self.from = from
        start = tool.time.awake()
    }

    mutating func show(_ offset: Int64) {
        guard tool.console.isWatched, !tool.output.isJSON else { return }
        let now = tool.time.awake()
        guard offset == size || shown.map({ now - $0 >= .milliseconds(200) }) ?? true else { return }
        shown = now
        tool.console.err("\r" + Self.line(offset, of: size, from: from, in: (now - start) / .seconds(1)) + (offset == size ? "\n" : ""))
    }

    /// `[#####     ]  50 %  42 MB/s  0:12`
    static func line(_ offset: Int64, of size: Int64, from: Int64, in seconds: Double) -> String {
        let share = Double(offset) / Double(max(1, size))
        let filled = Int(share * 30)
        let bar = String(repeating: "#", count: filled) + String(repeating: " ", count: 30 - filled)
        let rate = seconds > 0 ? Double(offset - from) / seconds : 0
        let left = rate > 0 ? Int(Double(size - offset) / rate) : 0
        let seconds = left % 60 < 10 ? "0\(left % 60)" : "\(left % 60)"
        return "[\(bar)] \(Int(share * 100)) %  \(Int(rate / 1_000_000)) MB/s  \(left / 60):\(seconds)  "
    }
}
