import Primitives

extension ErrorCatalogue {
    static let emergency: [ErrorCode: ErrorEntry] = [
        .breakGlassDenied: ErrorEntry(
            403, .refused, .never,
            title: Text("Le bris de glace ne donne aucun droit de plus ici", "Break-glass adds no right here"),
            remedy: Text(
                "Voir `cpsctl habilitation explain` : la colonne bris de glace de cette profession n'ajoute rien pour ce logiciel.",
                "See `cpsctl habilitation explain`: the break-glass column of this profession adds nothing for this program.")),
        .breakGlassReason: ErrorEntry(
            422, .usage, .never,
            title: Text("Motif inconnu", "Unknown reason"),
            remedy: Text("Choisir un code de `reasons`.", "Choose a code of `reasons`.")),
        .breakGlassActive: ErrorEntry(
            409, .refused, .now,
            title: Text("Un bris de glace est en cours", "A declared emergency goes on"),
            remedy: Text(
                "Clore d'abord celui que nomme `break_glass` (`cpsctl break-glass close`).",
                "Close the one that `break_glass` names first (`cpsctl break-glass close`).")),
        .breakGlassNotFound: ErrorEntry(
            404, .refused, .never,
            title: Text("Bris de glace inconnu", "Unknown emergency"),
            remedy: Text("Voir `cpsctl break-glass list`.", "See `cpsctl break-glass list`.")),
        .breakGlassEnded: ErrorEntry(
            409, .refused, .never,
            title: Text("Le bris de glace est terminé", "The emergency has ended"),
            remedy: Text("En déclarer un nouveau si l'urgence dure.", "Declare another one if the emergency goes on.")),
        .breakGlassLimit: ErrorEntry(
            409, .refused, .never,
            title: Text("Ce bris de glace ne peut plus être prolongé", "This emergency cannot last any longer"),
            remedy: Text(
                "Il dure déjà le temps permis, ou celui de sa session. En déclarer un nouveau à sa fin.",
                "It already lasts as long as is allowed, or as its session does. Declare another one when it ends.")),
        .reviewDenied: ErrorEntry(
            403, .refused, .never,
            title: Text("Cette personne ne peut pas revoir cet accès", "This person cannot review this access"),
            remedy: Text(
                "Le faire revoir par quelqu'un qui ne l'a ni déclaré ni rendu possible ; `detail` dit pourquoi.",
                "Have it reviewed by somebody who neither declared it nor made it possible; `detail` says why.")),
        .reviewExists: ErrorEntry(
            409, .refused, .never,
            title: Text("Cet accès a déjà été revu", "This access has been reviewed already"),
            remedy: Text("Voir `cpsctl break-glass show`.", "See `cpsctl break-glass show`.")),
    ]
}
