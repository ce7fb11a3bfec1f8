/// A VERIFY whose PIN a person types on the reader's own keypad (PC/SC part 10, v2.02.09 §2.5.2): the reader puts the digits into the
/// command and sends it; no program ever sees them.
package struct PINEntry: Hashable, Sendable {
    /// The whole command, padding in place of the PIN.
    package let command: [UInt8]
    /// Digits that the PIN may have.
    package let minimumLength: UInt8
    package let maximumLength: UInt8
    /// Bytes of the PIN in the command, padding included.
    package let blockLength: UInt8

    /// `nil` when a reader could not build such a command: blocks are at most 15 bytes.
    ///
    /// - Parameter header: class, instruction and parameters.
    package init?(header: [UInt8], minimumLength: Int, maximumLength: Int, blockLength: Int, padding: UInt8) {
        let digits = min(maximumLength, blockLength)
        guard header.count == 4, (1...Self.longestBlock).contains(blockLength), (1...digits).contains(minimumLength) else { return nil }
        command = header + [UInt8(blockLength)] + [UInt8](repeating: padding, count: blockLength)
        self.minimumLength = UInt8(minimumLength)
        self.maximumLength = UInt8(digits)
        self.blockLength = UInt8(blockLength)
    }

    /// The block's size has four bits.
    private static let longestBlock = 15
    /// Seconds that a reader waits for the first key, and then for the rest.
    private static let patience: UInt8 = 30

    /// After this time a reader that has not answered is given up on.
    package static let longest = Duration.seconds(2 * Int(patience) + 5)
}

extension PINEntry {
    /// ASCII digits from the left of the block, positions counted in bytes (bmFormatString).
    private static let format: UInt8 = 0x82
    /// No length of the PIN goes into the command (bmPINLengthFormat).
    private static let lengthFormat: UInt8 = 0x00
    /// The person ends the PIN with the reader's own key (bEntryValidationCondition).
    private static let validation: UInt8 = 0x02
    /// French (wLangId), for readers that show a text.
    private static let language: UInt16 = 0x040C

    /// PIN_VERIFY_STRUCTURE, numbers in the machine's byte order as pcsc-lite's `reader.h` has them.
    package var structure: [UInt8] {
        var bytes = [Self.patience, Self.patience, Self.format, blockLength, Self.lengthFormat]
        bytes += Self.native(UInt16(minimumLength) << 8 | UInt16(maximumLength))
        // One message, the first; no prologue.
        bytes += [Self.validation, 0x01] + Self.native(Self.language) + [0x00, 0x00, 0x00, 0x00]
        return bytes + Self.native(UInt32(command.count)) + command
    }

    private static func native<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] { withUnsafeBytes(of: number) { Array($0) } }
}
