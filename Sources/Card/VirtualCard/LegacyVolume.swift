import SmartCard

/// The volume that older software knows (CPS2ter): class A0, one identifier a SELECT, answers announced by 9Fxx.
///
/// Its contents are behind the holder's code, which it does not take.
struct LegacyVolume: Hashable, Sendable {
    static let cla: UInt8 = 0xA0
    private static let master: UInt16 = 0x3F00
    private static let billing: UInt16 = 0x7F01
    private static let children: [UInt16: [UInt16]] = [
        master: [billing] + Array(0x4010...0x401F), billing: [0x4000],
    ]
    private var directory = master
    private var file: UInt16?
    /// What GET RESPONSE fetches.
    private var waiting: [UInt8] = []

    mutating func perform(_ command: Command) -> Reply {
        defer { if command.ins != 0xA4 { waiting = [] } }
        switch command.ins {
        case 0xA4: return select(command)
        case 0xC0:
            guard !waiting.isEmpty else { return .status(StatusWord(rawValue: 0x6F00)) }
            return .ok(Array(waiting.prefix(command.le ?? 256)))
        // Nothing is free to read here; no file is current, or its code is not verified.
        case 0xB0: return .status(StatusWord(rawValue: file == nil ? 0x9408 : 0x9804))
        case 0x20: return .status(StatusWord(rawValue: 0x9802))
        default: return .status(.instructionNotSupported)
        }
    }

    private mutating func select(_ command: Command) -> Reply {
        waiting = []
        guard command.p1 == 0, command.p2 == 0 else { return .status(.wrongOffset) }
        guard command.data.count == 2 else { return .status(.wrongLength) }
        let wanted = UInt16(command.data[0]) << 8 | UInt16(command.data[1])
        let type: UInt8
        if wanted == Self.master || wanted == Self.billing && directory == Self.master {
            (directory, file) = (wanted, nil)
            type = wanted == Self.master ? 0x01 : 0x02
        } else {
            guard Self.children[directory]?.contains(wanted) == true else { return .status(StatusWord(rawValue: 0x9404)) }
            file = wanted
            type = 0x04
        }
        waiting = TLV(0x85, [0x00, 0x40] + bytes(wanted) + [type]).bytes
        return .status(StatusWord(rawValue: 0x9F00 | UInt16(waiting.count)))
    }
}
