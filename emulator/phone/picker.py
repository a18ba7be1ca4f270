"""The sheet that gives a phone to another owner, or to a new one."""

from functools import partial

from nicegui import ui

from emulator.phone.clients.control import Owner
from emulator.phone.elements.overlay import choice
from emulator.phone.elements.tags import box, button
from emulator.phone.phone_protocol import Phone


def open_picker(phone: Phone) -> None:
    """Offer every owner who is not on the page, and a field for the name of a new one."""
    on_page = {phone.owner.phone_id, phone.other.owner.phone_id}
    with phone.overlay.sheet("换一个人拿这部手机", "picker"):
        with box("choice-list"):
            for owner in phone.page_state.owners:
                if owner.phone_id not in on_page:
                    choice(owner.name, partial(_change_owner, phone, owner), f"owner-{owner.phone_id}")
        _new_owner_field(phone)
        choice("取消", phone.overlay.close, classes="is-last")


def _new_owner_field(phone: Phone) -> None:
    with box("newcomer"):
        field = ui.input(placeholder="新朋友的名字").props(
            'borderless dense autocomplete="off" maxlength="20" data-testid="new-owner-name" aria-label="新朋友的名字"'
        )

        async def create() -> None:
            name = str(field.value or "").strip()
            if not name:
                phone.overlay.toast("请先写下名字")
                return
            owner = await phone.overlay.attempt(phone.page_state.control.create(name))
            if owner is not None:
                await _change_owner(phone, owner)

        field.on("keydown.enter", create)
        button("加入", "send-button", create, "new-owner")


async def _change_owner(phone: Phone, owner: Owner) -> None:
    phone.overlay.close()
    await phone.change_owner(owner)
