/// Tokens on phones and tablets. Off while nothing listens.
package struct MobileSection: Hashable, Sendable {
    package let isEnabled: Bool
    /// Where the listener waits; set where it is enabled.
    package let listen: Endpoint?
    /// The listener's certificate with those above it, and its key, as PEM files. Both are read again when they change.
    package let certificate: String?
    package let key: String?
    /// Seconds that a device may be used after it was let in, unless less is asked for, and the most.
    package let session: Int64
    package let longest: Int64
    /// Seconds without a request of the device after which its session ends.
    package let inactivity: Int64
    package let removal: Removal
    /// Devices that one person may use at a time.
    package let devices: Int

    /// What becomes of these sessions when the card leaves the reader.
    package enum Removal: Hashable, Sendable {
        case survives, ends
        /// They go on for so many seconds.
        case limits(Int64)
    }

    /// An address and a TCP port.
    package struct Endpoint: Hashable, Sendable {
        package let host: String
        package let port: Int
    }
}
