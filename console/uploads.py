"""A button that takes a file. Quasar's own uploader nests controls in each other, which screen readers cannot tell apart."""

from collections.abc import Awaitable, Callable

from nicegui import events, ui

from console.acting import say


def draw_upload(
    label: str,
    accept: str,
    most_bytes: int,
    take: Callable[[events.UploadEventArguments], Awaitable[None]],
    refused: str,
) -> None:
    """A button that asks for a file of the `accept` endings and hands it to `take`; `refused` is said of one that is too large."""
    uploader = ui.upload(
        auto_upload=True,
        max_file_size=most_bytes,
        on_upload=take,
        on_rejected=lambda: say(refused, good=False),
    )
    uploader.props(f'accept="{accept}"').classes("hidden-upload")
    button = ui.button(label, icon="upload_file").props("outline no-caps data-testid=upload").classes("act")
    button.on("click", js_handler=f"() => getElement({uploader.id}).pickFiles()")
