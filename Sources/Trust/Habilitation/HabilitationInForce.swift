internal import Synchronization

/// The matrix that decides now. All that decide share it, so that a new one counts everywhere at once.
package final class HabilitationInForce: Sendable {
    private let held: Mutex<HabilitationMatrix>

    package init(_ matrix: HabilitationMatrix) { held = Mutex(matrix) }

    /// The built-in matrix, replaceable.
    package static var builtIn: HabilitationInForce { HabilitationInForce(.builtIn) }

    package var matrix: HabilitationMatrix { held.withLock { $0 } }

    package func rights(for facts: Facts) -> Rights { matrix.rights(for: facts) }

    package func replace(by matrix: HabilitationMatrix) { held.withLock { $0 = matrix } }
}
