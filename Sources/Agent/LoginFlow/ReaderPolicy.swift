package import SmartCard

/// Which readers a PIN may be given to (`readers.allow`).
///
/// Behind a virtual or network reader anything can answer, so with production authorities they are refused unless they are named. A
/// reader of unknown kind is not: many drivers of real readers do not tell.
package struct ReaderPolicy: Sendable {
    private let isProduction: Bool
    /// PC/SC names.
    private let allowed: Set<String>

    /// Every reader, as with test authorities.
    package static let all = ReaderPolicy(isProduction: false, allowed: [])

    package init(isProduction: Bool, allowed: [String]) {
        self.isProduction = isProduction
        self.allowed = Set(allowed)
    }

    package func allows(_ reader: ReaderState) -> Bool {
        switch reader.kind {
        case .virtual, .network: !isProduction || allowed.contains(reader.name)
        case .usb, .serial, .unknown: true
        }
    }
}
