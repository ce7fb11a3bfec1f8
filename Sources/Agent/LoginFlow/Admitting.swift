package import Primitives

/// A device that a practitioner lets in by card and PIN.
package struct Admitting: Hashable, Sendable {
    /// Id of the device's request, which whoever keeps it finds it by.
    package let request: String
    /// Seconds that its session may last; `nil` for the usual time.
    package let life: Int64?
    /// Who asks, and for what, as answers and traces show it.
    let members: [String: JSON]

    package init(request: String, life: Int64?, members: [String: JSON]) {
        self.request = request
        self.life = life
        self.members = members
    }
}
