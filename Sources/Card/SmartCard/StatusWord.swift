/// SW1-SW2 of a response APDU (ISO/IEC 7816-4 §5.6).
package struct StatusWord: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    package let rawValue: UInt16

    package init(rawValue: UInt16) { self.rawValue = rawValue }

    package var high: UInt8 { UInt8(rawValue >> 8) }
    package var low: UInt8 { UInt8(rawValue & 0xFF) }

    package static let ok = StatusWord(rawValue: 0x9000)
    package static let endOfFileReached = StatusWord(rawValue: 0x6282)
    /// A comparison failed and the card does not say how many tries are left.
    package static let comparisonFailed = StatusWord(rawValue: 0x6300)
    package static let wrongLength = StatusWord(rawValue: 0x6700)
    package static let logicalChannelNotSupported = StatusWord(rawValue: 0x6881)
    package static let securityStatusNotSatisfied = StatusWord(rawValue: 0x6982)
    package static let authenticationMethodBlocked = StatusWord(rawValue: 0x6983)
    package static let conditionsOfUseNotSatisfied = StatusWord(rawValue: 0x6985)
    package static let incorrectData = StatusWord(rawValue: 0x6A80)
    package static let fileNotFound = StatusWord(rawValue: 0x6A82)
    package static let incorrectP1P2 = StatusWord(rawValue: 0x6A86)
    package static let referencedDataNotFound = StatusWord(rawValue: 0x6A88)
    package static let instructionNotSupported = StatusWord(rawValue: 0x6D00)
    package static let classNotSupported = StatusWord(rawValue: 0x6E00)

    // What a reader answers of itself to a PIN entry (PC/SC part 10 §2.5.2).
    package static let entryTimeout = StatusWord(rawValue: 0x6400)
    package static let entryCancelled = StatusWord(rawValue: 0x6401)
    package static let entriesDiffer = StatusWord(rawValue: 0x6402)
    /// Fewer or more digits than were asked for.
    package static let entryLength = StatusWord(rawValue: 0x6403)
    /// The reader does not understand what it was asked for.
    package static let entryRefused = StatusWord(rawValue: 0x6B80)

    /// `63 Cx`: a comparison failed and `x` tries are left.
    package var triesLeft: Int? { rawValue & 0xFFF0 == 0x63C0 ? Int(rawValue & 0xF) : nil }

    /// Four hexadecimal digits.
    package var description: String {
        let digits = String(rawValue, radix: 16, uppercase: true)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }
}
