import Glibc
import Primitives

/// One line after the other of the Assuan protocol (its manual, §Client requests, §Server responses), as a client: what is read lies in
/// memory that is wiped, for it may be a PIN.
struct AssuanLink: ~Copyable {
    enum Failure: Error, Hashable {
        /// The program cannot be started; why.
        case absent(Text)
        /// It ended, or the system broke the link.
        case broken
        case late
        /// It does not speak the protocol.
        case malformed
        /// It answered ERR: the code without its source (libgpg-error), and its words.
        case refused(code: UInt32, text: String)
    }

    /// Longest line, its end included.
    static let longestLine = 1000
    /// Lines that one answer may have.
    private static let mostLines = 64

    private let process: ChildProcess
    private let room: UnsafeMutableRawBufferPointer
    private var (start, end) = (0, 0)

    init(_ program: [String], environment: [String: String]) throws(Failure) {
        process = try Self.started(program, environment)
        room = .allocate(byteCount: 4 * Self.longestLine, alignment: 1)
        // Refused under a small RLIMIT_MEMLOCK; the bytes are then swappable for their short life but still wiped.
        _ = mlock(room.baseAddress, room.count)
    }

    deinit {
        if let first = room.baseAddress { explicit_bzero(first, room.count) }
        _ = munlock(room.baseAddress, room.count)
        room.deallocate()
    }

    private static func started(_ program: [String], _ environment: [String: String]) throws(Failure) -> ChildProcess {
        do throws(ChildProcess.Failure) {
            return try ChildProcess(program, environment: environment, keepsErrors: true)
        } catch {
            guard case .notStarted(let number) = error else { throw .broken }
            throw .absent(.system(number))
        }
    }

    /// The first line, with which the program says that it is there.
    mutating func greeting(by end: PatienceEnd) throws(Failure) { _ = try answer(by: end) }

    /// Asks, and waits for OK; data is not awaited, and thrown away.
    mutating func command(_ name: String, _ argument: String = "", by end: PatienceEnd) throws(Failure) {
        _ = try exchange(name, argument, by: end)
    }

    /// Asks for data; `nil` where the answer had none.
    mutating func data(_ name: String, by end: PatienceEnd) throws(Failure) -> Secret? { try exchange(name, "", by: end) }

    private mutating func exchange(_ name: String, _ argument: String, by end: PatienceEnd) throws(Failure) -> Secret? {
        let line = Self.line(name, argument)
        do throws(ChildProcess.Failure) {
            try line.span.bytes.withUnsafeBytes { bytes throws(ChildProcess.Failure) in try process.write(bytes, by: end) }
        } catch {
            throw error == .late ? .late : .broken
        }
        return try answer(by: end)
    }

    /// Cut to the longest line where it has to be, never within an escape or a character.
    static func line(_ name: String, _ argument: String) -> [UInt8] {
        var line = Array(name.utf8)
        if !argument.isEmpty { line.append(0x20) }
        for character in argument {
            let bytes = character.utf8.flatMap { byte -> [UInt8] in
                [0x25, 0x0D, 0x0A].contains(byte) ? Array("%\(Hex.encode([byte], uppercase: true))".utf8) : [byte]
            }
            guard line.count + bytes.count < longestLine else { break }
            line += bytes
        }
        return line + [0x0A]
    }

    /// Reads up to OK or ERR. Of data only one line counts: no PIN is longer.
    private mutating func answer(by end: PatienceEnd) throws(Failure) -> Secret? {
        var found: Secret?
        for _ in 0..<Self.mostLines {
            let line = try nextLine(by: end)
            defer { if let first = line.baseAddress { explicit_bzero(first, line.count) } }
            switch line.prefix(while: { $0 != 0x20 }).map({ $0 }) {
            case Array("OK".utf8): return found
            case Array("ERR".utf8): throw Self.refusal(String(decoding: line, as: UTF8.self))
            case Array("D".utf8):
                guard found == nil, let count = Self.decode(line) else { throw .malformed }
                found = Secret(copying: UnsafeRawBufferPointer(rebasing: line[2..<2 + count]))
            case Array("S".utf8): break
            case let word where word.first == UInt8(ascii: "#"): break
            default: throw .malformed
            }
        }
        throw .malformed
    }

    /// The next line, its end left out; it lies in ``room`` until the one after it is read.
    private mutating func nextLine(by patience: PatienceEnd) throws(Failure) -> UnsafeMutableRawBufferPointer {
        while true {
            if let newline = room[start..<end].firstIndex(of: 0x0A) {
                let line = UnsafeMutableRawBufferPointer(rebasing: room[start..<newline])
                start = newline + 1
                guard line.count < Self.longestLine else { throw .malformed }
                return line
            }
            guard end - start < Self.longestLine else { throw .malformed }
            if start > 0 {
                let rest = end - start
                if let first = room.baseAddress {
                    memmove(first, first + start, rest)
                    explicit_bzero(first + rest, room.count - rest)
                }
                (start, end) = (0, rest)
            }
            do throws(ChildProcess.Failure) {
                let count = try process.read(into: UnsafeMutableRawBufferPointer(rebasing: room[end...]), by: patience)
                guard count > 0 else { throw .closed }
                end += count
            } catch {
                throw error == .late ? .late : .broken
            }
        }
    }

    /// Percent-decodes what follows `D ` in its place; how many bytes that are. `nil` for what is no encoding.
    private static func decode(_ line: UnsafeMutableRawBufferPointer) -> Int? {
        guard line.count >= 2 else { return nil }
        var (from, to) = (2, 2)
        while from < line.count {
            if line[from] == 0x25 {
                guard from + 2 < line.count, let high = digit(line[from + 1]), let low = digit(line[from + 2]) else { return nil }
                line[to] = high << 4 | low
                from += 3
            } else {
                line[to] = line[from]
                from += 1
            }
            to += 1
        }
        return to - 2
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }

    private static func refusal(_ line: String) -> Failure {
        let parts = line.split(separator: " ", maxSplits: 2)
        guard parts.count >= 2, let code = UInt32(parts[1]) else { return .malformed }
        return .refused(code: code & 0xFFFF, text: parts.count == 3 ? String(parts[2]) : "")
    }
}
