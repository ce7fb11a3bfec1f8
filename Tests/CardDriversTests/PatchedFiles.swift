import Primitives
import SmartCard

/// Files that a card has instead of its own: SELECT and READ BINARY on them are answered here.
struct PatchedFiles {
    /// By absolute path; `nil` for a file that is not there.
    var contents: [[UInt8]: [UInt8]?] = [:]
    /// Sizes that SELECT tells when they are not the true ones.
    var sizes: [[UInt8]: Int] = [:]
    private var current: [UInt8]?
    private var waiting: [UInt8] = []

    /// The answer to a command that concerns these files, else `nil`.
    mutating func answer(_ command: [UInt8], _ transmission: TransmissionProtocol) -> [UInt8]? {
        guard command.count >= 5 else { return nil }
        switch command[1] {
        case 0xA4: return select(command, transmission)
        case 0xC0 where !waiting.isEmpty:
            defer { waiting = [] }
            return waiting + [0x90, 0x00]
        case 0xB0: return current.map { read($0, command, transmission) }
        default:
            waiting = []
            return nil
        }
    }

    private mutating func select(_ command: [UInt8], _ transmission: TransmissionProtocol) -> [UInt8]? {
        current = nil
        waiting = []
        let data = Array(command.dropFirst(5).prefix(Int(command[4])))
        let path: [UInt8]
        switch (command[0], command[2]) {
        case (0x00, 0x09): path = data
        case (0x01, 0x08): path = [0x3F, 0x00] + data
        default: return nil
        }
        guard let patched = contents[path] else { return nil }
        guard let content = patched else { return [0x6A, 0x82] }
        current = content
        let size = sizes[path] ?? content.count
        let template = TLV(command[0] == 0 ? 0x62 : 0x6F, [0x80, 0x02, UInt8(size >> 8 & 0xFF), UInt8(size & 0xFF)]).bytes
        let isWanted = command[0] == 0 ? command[3] == 0x04 : command.count > 5 + data.count
        guard isWanted else { return [0x90, 0x00] }
        guard transmission == .t0 else { return template + [0x90, 0x00] }
        waiting = template
        return [0x61, UInt8(template.count)]
    }

    private func read(_ content: [UInt8], _ command: [UInt8], _ transmission: TransmissionProtocol) -> [UInt8] {
        let offset = Int(command[2]) << 8 | Int(command[3])
        let wanted = command[4] == 0 ? 256 : Int(command[4])
        guard offset < content.count else { return [0x6B, 0x00] }
        let rest = content[offset...]
        if rest.count < wanted, wanted < 256 || transmission == .t0 { return [0x6C, UInt8(truncatingIfNeeded: rest.count)] }
        return rest.prefix(wanted) + [0x90, 0x00]
    }
}
