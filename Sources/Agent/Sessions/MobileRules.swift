/// What an establishment decides about sessions on phones and tablets.
package struct MobileRules: Hashable, Sendable {
    /// What becomes of them when the card leaves the reader.
    package enum Removal: Hashable, Sendable {
        /// They go on.
        case survives
        /// They end with the card session in which they were let in.
        case ends
        /// They go on for so many seconds.
        case limits(Int64)
    }

    package let isEnabled: Bool
    /// Seconds that one lasts unless less is asked for, and the most that may be asked for.
    package let usual: Int64
    package let longest: Int64
    /// Seconds without a request of the device after which one ends. What the workstation sleeps does not count: it could not be reached.
    package let inactivity: Int64
    package let removal: Removal
    /// Devices that one person may use at a time.
    package let devices: Int

    package static let off = MobileRules(isEnabled: false)

    package init(
        isEnabled: Bool, usual: Int64 = 14_400, longest: Int64 = 43_200, inactivity: Int64 = 1800, removal: Removal = .survives,
        devices: Int = 3
    ) {
        self.isEnabled = isEnabled
        self.usual = usual
        self.longest = longest
        self.inactivity = inactivity
        self.removal = removal
        self.devices = devices
    }
}
